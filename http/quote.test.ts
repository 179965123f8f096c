import { expect, test } from 'vitest';
import { printable, quoteForMessage } from './quote.ts';

test('quotes a value as JSON, shortens it and escapes invisible characters', () => {
  const rows: [unknown, string][] = [
    ['a"b', '"a\\"b"'],
    ['x'.repeat(64), `"${'x'.repeat(64)}"`],
    ['x'.repeat(65), `"${'x'.repeat(64)}…"`],
    ['\u202eabc\u0000', '"\\u202eabc\\u0000"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['é', '"é"'],
    [12, '12'],
    [{ a: ['b'] }, '{"a":["b"]}'],
    [['x'.repeat(80)], `["${'x'.repeat(62)}…`],
    [undefined, 'undefined'],
  ];
  for (const [value, quoted] of rows) expect(quoteForMessage(value)).toBe(quoted);
});

test('returns plain text unchanged', () => {
  expect(printable('plain text')).toBe('plain text');
});
