import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { exceedsSequence, maxSequence, sequenceProblem } from './sequence-bound.ts';

const codec = new TsCodec();
codec.configure({ partitions: 1, contests: [{ id: 'pets', rule: 'one-per-voter', options: ['cats'] }] });
const NOW = Date.UTC(2026, 10, 28);

function exceeds(vote: object, max = maxSequence(NOW)): boolean {
  const { bytes, ends, failure } = codec.encodeJson(
    Buffer.from(JSON.stringify({ contest: 'pets', choice: 'cats', ...vote })),
  );
  expect(failure).toBe(undefined);
  return exceedsSequence(bytes, 0, ends[0] as number, max);
}

test('accepts counters, and times up to an hour ahead in any unit down to microseconds', () => {
  for (const sequence of [0, 1, 300, 2 ** 49 - 1, 2 ** 49, NOW / 1000, NOW, NOW * 1000, (NOW + 3_600_000) * 1000]) {
    expect(exceeds({ voter: 'a', sequence }), `${sequence}`).toBe(false);
  }
  for (const sequence of [(NOW + 3_600_000) * 1000 + 1, NOW * 1001, 2 ** 53 - 1]) {
    expect(exceeds({ voter: 'a', sequence }), `${sequence}`).toBe(true);
  }
  expect(sequenceProblem(NOW).detail).toMatch(/now 1795828400000000|now \d{16}$/);
});

test('does not mistake the end of a text for a sequence', () => {
  // '0' is the byte of the tag; all following bytes except the last have the high bit set.
  expect(exceeds({ voter: '0éé€x' })).toBe(false);
  expect(exceeds({ voter: 'a', attributes: { a: '0éé€x' } })).toBe(false);
});

test('compares any sequence exactly, with any other fields', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((value) => /^[\p{L}\p{N}]+$/u.test(value));
  const arbitrary = fc.record({
    voter: text,
    attributes: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text, { maxKeys: 3 }),
    sequence: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  });
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 2 ** 49, max: Number.MAX_SAFE_INTEGER }), (vote, max) => {
      expect(exceeds(vote, max)).toBe(vote.sequence > max);
    }),
  );
});
