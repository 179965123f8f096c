import assert from 'node:assert/strict';
import { createReceipts, type Receipts } from '../../../edge/receipts/receipt.ts';
import { loadModule } from '../../../wasm/load-module.ts';
import { ReceiptMac } from '../../../wasm/mac/receipt-mac.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { textOf, texts } from './damaged.ts';

/** A receipt is read as it was issued, and all other texts are rejected. */
export function receiptTarget(spoil = (receipts: Receipts): Pick<Receipts, 'read'> => receipts): FuzzTarget {
  const receipts = createReceipts(new ReceiptMac(loadModule('mac'), Buffer.alloc(32, 7)));
  receipts.setEpoch(0, 'AAAAAAAA');
  const issued = new Set(Array.from({ length: 100 }, (_, at) => receipts.issue(0, `1700000000000-${at}`, at)));
  const reader = spoil(receipts);
  return {
    inputs: texts([...issued]),
    check(input) {
      const text = textOf(input);
      const place = reader.read(text);
      assert.equal(place !== undefined, issued.has(text), text);
      if (place !== undefined) assert.equal(receipts.issue(place.partition, place.entryId, place.index), text);
    },
  };
}
