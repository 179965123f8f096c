import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeQr } from './qr-code.ts';

/** Symbols that a decoder of somebody else read back, for every length from 1 to 213 bytes; these stand for all. */
const READ_BACK: readonly [string, number, string][] = [
  ['https://vote.example.org/c/bandas', 29, '2a655fe30d13d782'],
  ['http://localhost:8080/c/cats-vs-dogs', 29, 'd4888b5969a1fee0'],
  [`https://vote.example.org/c/${'x'.repeat(64)}`, 41, 'a7af32eabe80caba'],
  ['x'.repeat(213), 57, 'f8a692e420006d88'],
];

for (const [text, size, hash] of READ_BACK) {
  test(`${text.length} bytes make the symbol that was read back`, () => {
    const rows = encodeQr(text) ?? [];
    expect(rows.length).toBe(size);
    const bits = rows.map((row) => row.map((dark) => (dark ? '1' : '0')).join('')).join('\n');
    expect(createHash('sha256').update(bits).digest('hex').slice(0, 16)).toBe(hash);
  });
}

test('a text that does not fit makes none', () => {
  expect(encodeQr('x'.repeat(214))).toBe(undefined);
});
