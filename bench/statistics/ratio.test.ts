import { expect, test } from 'vitest';
import { commonVariance, geometricMean, ratioEstimate } from './ratio.ts';

test('the estimate is the geometric mean with a symmetric interval on the logarithms', () => {
  const estimate = ratioEstimate([2, 2, 8]);
  expect(estimate?.median).toBeCloseTo(32 ** (1 / 3), 10);
  expect((estimate?.low ?? 0) * (estimate?.high ?? 0)).toBeCloseTo((estimate?.median ?? 0) ** 2, 6);
  // ln 2, ln 2, ln 8: standard deviation 0.8004, t(2) 4.303.
  expect(Math.log((estimate?.high ?? 0) / (estimate?.median ?? 1))).toBeCloseTo((4.303 * 0.80037) / Math.sqrt(3), 3);
});

test('equal ratios have no width, and fewer than three have no interval', () => {
  expect(ratioEstimate([1.5, 1.5, 1.5])).toStrictEqual({ median: 1.5, low: 1.5, high: 1.5 });
  expect(ratioEstimate([1.5, 1.5])).toBeNull();
  expect(ratioEstimate([1.5, 1.5, Number.NaN])).toBeNull();
});

test('95 % of the intervals hold the true ratio', () => {
  let state = 7;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  let held = 0;
  for (let i = 0; i < 2000; i++) {
    const estimate = ratioEstimate(Array.from({ length: 5 }, () => 1.3 * Math.exp(0.05 * normal())));
    if (estimate && estimate.low <= 1.3 && estimate.high >= 1.3) held++;
  }
  expect(held / 2000).toBeGreaterThan(0.935);
  expect(held / 2000).toBeLessThan(0.965);
});

test('the common variance narrows intervals of three ratios, which still hold the true ratio, even if noises differ', () => {
  let state = 5;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  let [held, total, plain, moderated] = [0, 0, 0, 0];
  for (let run = 0; run < 100; run++) {
    // From 2 % to 10 %, as between calm and busy rows of a run.
    const series = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 3 }, () => 1.3 * Math.exp(0.02 * 5 ** (i / 39) * normal())),
    );
    for (const ratios of series) {
      const [before, after] = [ratioEstimate(ratios), ratioEstimate(ratios, commonVariance(series, ratios))];
      if (before === null || after === null) continue;
      total++;
      if (after.low <= 1.3 && after.high >= 1.3) held++;
      plain += Math.log(before.high / before.low);
      moderated += Math.log(after.high / after.low);
    }
  }
  expect(held / total).toBeGreaterThan(0.92);
  expect(moderated / plain).toBeLessThan(0.75);
});

test('a geometric mean treats a ratio and its inverse alike', () => {
  expect(geometricMean([4, 0.25])).toBeCloseTo(1, 12);
});
