import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binomialTail, estimate, median } from './median.ts';

test('the median of odd, even and no values', () => {
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('binomial tails against published values', () => {
  // P(X >= 3) for n = 5, p = 0.2 (tables), and P(X >= 4) for n = 7, p = 1/7 (counted out: 8359 / 7^7).
  assert.ok(Math.abs(binomialTail(5, 0.2, 3) - 0.05792) < 1e-9);
  assert.ok(Math.abs(binomialTail(7, 1 / 7, 4) - 8359 / 7 ** 7) < 1e-12);
  assert.equal(binomialTail(5, 1, 3), 1);
});

test('five values give their whole range: a resample median is the smallest in 5.8 % of cases', () => {
  assert.deepEqual(estimate([10, 14, 11, 13, 12]), { median: 12, low: 10, high: 14 });
});

test('seven values leave out the outermost on each side', () => {
  assert.deepEqual(estimate([1, 2, 3, 4, 5, 6, 700]), { median: 4, low: 2, high: 6 });
});

test('an even number of values is resampled, and the same way each time', () => {
  const values = [10, 11, 12, 13, 14, 15, 16, 17];
  assert.deepEqual(estimate(values), estimate(values));
  const { median: middle, low, high } = estimate(values);
  assert.equal(middle, 13.5);
  assert.ok(low >= 10.5 && low <= 12 && high >= 15 && high <= 16.5, `${low} to ${high}`);
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
  assert.ok(held >= 360 && held <= 399, `held in ${held} of 400`);
});
