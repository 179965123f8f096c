import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectEqual } from '../../tests/support/expect-equal.ts';
import { loadModule } from '../load-module.ts';
import { MacInstance } from './mac-instance.ts';
import { RECEIPT_TAG_BYTES, ReceiptMac } from './receipt-mac.ts';
import { VOTER_KEY_BYTES, VoterKeys } from './voter-key.ts';

const module = loadModule('mac');

function expectedKey(secret: Uint8Array, voter: Uint8Array): Buffer {
  const key = createHmac('sha256', secret).update('votewire voter key').digest();
  return createHmac('sha256', key).update(voter).digest().subarray(0, VOTER_KEY_BYTES);
}

describe('voter keys', () => {
  test('are HMAC-SHA-256 for every length of secret and voter', () => {
    for (let length = 0; length < 200; length++) {
      const secret = randomBytes(length);
      const voter = randomBytes((length * 7) % 200);
      expect(Buffer.from(new VoterKeys(module, secret).keyOf(voter))).toStrictEqual(expectedKey(secret, voter));
    }
  });

  /** The result must not depend on whether the voters fit into one call, several, or none. */
  for (const [count, size] of [
    [3, 10],
    [5000, 12],
    [700, 300],
    [601, 70],
  ] as const) {
    test(`of ${count} voters in ${count * size} bytes, in one call`, () => {
      const secret = randomBytes(32);
      const bytes = randomBytes(count * size);
      const starts = Uint32Array.from({ length: count }, (_, at) => at * size);
      const ends = starts.map((start, at) => start + (at % size));
      const keys = new VoterKeys(module, secret).keysOf(bytes, starts, ends, count);
      expect(keys.length).toBe(count * VOTER_KEY_BYTES);
      for (let at = 0; at < count; at++) {
        const key = Buffer.from(keys.subarray(at * VOTER_KEY_BYTES, (at + 1) * VOTER_KEY_BYTES));
        expectEqual(key, expectedKey(secret, bytes.subarray(starts[at], ends[at])));
      }
    });
  }

  test('a slice beyond the input throws instead of reading', () => {
    const mac = new MacInstance(module);
    for (const slice of [
      [0, 0xffffffff],
      [5, 4],
      [0x80000000, 0x80000001],
    ]) {
      mac.slices.set(slice);
      expect(() => mac.exports.authenticateSlices(1)).toThrow(WebAssembly.RuntimeError);
    }
    expect(() => mac.exports.authenticateSlices(4097)).toThrow(WebAssembly.RuntimeError);
    expect(() => mac.exports.tag(-1)).toThrow(WebAssembly.RuntimeError);
  });
});

describe('receipts', () => {
  /** Vectors of the reference implementation: key 00..0f, message 00, 01, ... */
  test('SipHash-2-4 passes the reference vectors', () => {
    const mac = new MacInstance(module);
    const bytes = Uint8Array.from({ length: 64 }, (_, at) => at);
    mac.input.set(bytes);
    mac.exports.useSipKey();
    for (const [length, tag] of [
      [0, '310e0edd47db6f72'],
      [1, 'fd67dc93c539f874'],
      [7, '37d1018bf50002ab'],
      [8, '6224939a79f5f593'],
      [15, 'e545be4961ca29a1'],
      [63, '724506eb4c328a95'],
    ] as const) {
      mac.exports.tag(length);
      expect(Buffer.from(mac.output.subarray(0, RECEIPT_TAG_BYTES)).toString('hex')).toBe(tag);
    }
  });

  test('a changed bit, another length or another secret does not verify', () => {
    const mac = new ReceiptMac(module, randomBytes(32));
    const receipt = new Uint8Array(20 + RECEIPT_TAG_BYTES);
    receipt.set(randomBytes(20));
    mac.sign(receipt, 20);
    expect(mac.verify(receipt, 20)).toBeTruthy();
    for (let bit = 0; bit < receipt.length * 8; bit++) {
      const changed = receipt.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(mac.verify(changed, 20)).toBeFalsy();
    }
    expect(mac.verify(receipt, 19)).toBeFalsy();
    expect(mac.verify(receipt.subarray(0, -1), 20)).toBeFalsy();
    expect(new ReceiptMac(module, randomBytes(32)).verify(receipt, 20)).toBeFalsy();
  });
});
