import { expect, test } from 'vitest';
import { binomialTail, estimate, median } from './median.ts';

test('the median of odd, even and no values', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(Number.isNaN(median([]))).toBeTruthy();
});

test('binomial tails against published values', () => {
  // P(X >= 3) for n = 5, p = 0.2 (tables), and P(X >= 4) for n = 7, p = 1/7 (counted out: 8359 / 7^7).
  expect(Math.abs(binomialTail(5, 0.2, 3) - 0.05792)).toBeLessThan(1e-9);
  expect(Math.abs(binomialTail(7, 1 / 7, 4) - 8359 / 7 ** 7)).toBeLessThan(1e-12);
  expect(binomialTail(5, 1, 3)).toBe(1);
});

test('five values give their whole range: a resample median is the smallest in 5.8 % of cases', () => {
  expect(estimate([10, 14, 11, 13, 12])).toStrictEqual({ median: 12, low: 10, high: 14 });
});

test('seven values leave out the outermost on each side', () => {
  expect(estimate([1, 2, 3, 4, 5, 6, 700])).toStrictEqual({ median: 4, low: 2, high: 6 });
});

test('an even number of values is resampled, and the same way each time', () => {
  const values = [10, 11, 12, 13, 14, 15, 16, 17];
  expect(estimate(values)).toStrictEqual(estimate(values));
  const { median: middle, low, high } = estimate(values);
  expect(middle).toBe(13.5);
  expect(low >= 10.5 && low <= 12 && high >= 15 && high <= 16.5, `${low} to ${high}`).toBeTruthy();
});

test('the interval holds the true median in about 95 of 100 samples', () => {
  let seed = 7;
  const uniform = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  let held = 0;
  for (let sample = 0; sample < 400; sample++) {
    const { low, high } = estimate(Array.from({ length: 15 }, uniform));
    if (low <= 0.5 && high >= 0.5) held++;
  }
  expect(held >= 360 && held <= 399, `held in ${held} of 400`).toBeTruthy();
});
