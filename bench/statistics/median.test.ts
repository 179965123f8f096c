import { expect, test } from 'vitest';
import { estimate, median } from './median.ts';

test('median of odd and even counts', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('the interval of few values is their range', () => {
  expect(estimate([5, 1, 3])).toStrictEqual({ median: 3, low: 1, high: 5 });
  expect(estimate([2, 1, 3, 5, 4])).toStrictEqual({ median: 3, low: 1, high: 5 });
});

test('the ranks match the table of the sign test', () => {
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
  // Conover, Practical Nonparametric Statistics: n = 10 gives ranks 2 and 9, n = 20 gives 6 and 15.
  expect(estimate(upTo(6))).toMatchObject({ low: 1, high: 6 });
  expect(estimate(upTo(10))).toMatchObject({ low: 2, high: 9 });
  expect(estimate(upTo(20))).toMatchObject({ low: 6, high: 15 });
});

test('the interval contains the median in at least 95 % of samples of ten', () => {
  let state = 11;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  let held = 0;
  for (let i = 0; i < 2000; i++) {
    const { low, high } = estimate(Array.from({ length: 10 }, random));
    if (low <= 0.5 && high >= 0.5) held++;
  }
  expect(held / 2000).toBeGreaterThan(0.95);
});

test('the order of the values does not matter', () => {
  expect(estimate([3, 9, 1, 7, 5, 8])).toStrictEqual(estimate([9, 8, 7, 5, 3, 1]));
});
