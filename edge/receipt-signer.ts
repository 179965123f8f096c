import { createHmac, hkdfSync } from 'node:crypto';
import type { ReceiptSigner } from './receipt.ts';

export function createReceiptSigner(secret: Buffer): ReceiptSigner {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'votewire receipt', 32));
  return (receipt) => {
    createHmac('sha256', key).update(receipt.subarray(0, 20)).digest().copy(receipt, 20, 0, 8);
  };
}
