import { expect, test } from 'vitest';
import { parseTimeout } from './parse-timeout.ts';

test('converts each unit to milliseconds', () => {
  const units = {
    '2H': 7_200_000,
    '3M': 180_000,
    '4S': 4000,
    '5m': 5,
    '6000u': 6,
    '7000000n': 7,
    '99999999S': 99_999_999_000,
  };
  for (const [value, milliseconds] of Object.entries(units)) {
    expect(Math.abs((parseTimeout(value) ?? 0) - milliseconds), value).toBeLessThan(1e-6);
  }
});

test('returns undefined for malformed timeouts', () => {
  for (const value of ['', 'S', '1', '1s', '-1S', '1.5S', '123456789S', ' 1S', '1S ', '1 S', '0x1S']) {
    expect(parseTimeout(value), value).toBe(undefined);
  }
});
