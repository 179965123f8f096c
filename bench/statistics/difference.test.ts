import { expect, test } from 'vitest';
import { difference } from './difference.ts';
import { estimate } from './median.ts';

const compare = (a: number[], b: number[]) =>
  difference(
    estimate(a),
    estimate(b),
    a.map((value, i) => [value, b[i] ?? Number.NaN]),
  );

test('a sample beside itself makes no difference', () => {
  const { lower, ratio } = compare([20, 21, 22, 23, 24], [20, 21, 22, 23, 24]);
  expect(lower).toBe('none');
  expect(ratio).toStrictEqual({ median: 1, low: 1, high: 1 });
});

test('overlapping intervals make no difference', () => {
  expect(compare([20, 21, 22, 23, 24], [23, 24, 25, 26, 27]).lower).toBe('none');
});

test('ten per cent more on steady measurements is found', () => {
  const { lower, ratio } = compare([20, 20.2, 20.1, 19.9, 20], [22, 22.2, 22.1, 21.9, 22]);
  expect(lower).toBe('a');
  expect(Math.abs(ratio.median - 1.1)).toBeLessThan(0.001);
  expect(ratio.low > 1.09 && ratio.high < 1.11).toBeTruthy();
});

test('less on the other side is found', () => {
  expect(compare([30, 31, 32], [10, 11, 12]).lower).toBe('b');
});
