import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import { ReceiptMac } from '../../wasm/mac/receipt-mac.ts';
import { createReceipts, RECEIPT_CHARACTERS } from './receipt.ts';

const create = (secret = 'a secret of some length') => {
  const receipts = createReceipts(new ReceiptMac(loadModule('mac'), Buffer.from(secret)));
  receipts.setEpoch(0, 'AAAAAAAA');
  receipts.setEpoch(1023, 'abcd_-89');
  return receipts;
};

test('a receipt contains the place of its vote', () => {
  const receipts = create();
  for (const place of [
    { partition: 0, epoch: 'AAAAAAAA', entryId: '0-1', index: 0 },
    { partition: 1023, epoch: 'abcd_-89', entryId: '1795000000000-4294967295', index: 511 },
  ]) {
    const receipt = receipts.issue(place.partition, place.entryId, place.index);
    expect(receipt.length).toBe(RECEIPT_CHARACTERS);
    expect(receipts.read(receipt)).toStrictEqual(place);
  }
});

test('receipts of one entry differ only in their index, and use a new epoch', () => {
  const receipts = create();
  const issued = Array.from({ length: 512 }, (_, index) => receipts.issue(0, '5-0', index));
  expect(issued.map((receipt) => receipts.read(receipt)?.index)).toStrictEqual(
    Array.from({ length: 512 }, (_, i) => i),
  );
  receipts.setEpoch(0, 'BBBBBBBB');
  expect(receipts.read(receipts.issue(0, '5-0', 1))?.epoch).toBe('BBBBBBBB');
});

test('rejects any other text and receipts of another secret', () => {
  const receipt = create().issue(0, '1795000000000-0', 3);
  expect(create('another secret').read(receipt)).toBe(undefined);
  for (let at = 0; at < receipt.length; at++) {
    for (const other of 'AQgw_-09') {
      if (receipt[at] === other) continue;
      expect(create().read(receipt.slice(0, at) + other + receipt.slice(at + 1))).toBe(undefined);
    }
  }
  for (const text of [
    '',
    receipt.slice(1),
    `${receipt}=`,
    receipt.replace(/.$/, '+'),
    'ñ'.repeat(RECEIPT_CHARACTERS),
  ]) {
    expect(create().read(text)).toBe(undefined);
  }
});
