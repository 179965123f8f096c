import { expect, test } from 'vitest';
import { mulberry32 } from '../load/pool.ts';
import { commonProcessVariance, joinMeans, logMean, type Series, toRatio } from './ratio.ts';

const TRUE_RATIO = 1.3;

/** Standard normal numbers. */
function normals(seed: number): () => number {
  const random = mulberry32(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Ratios around 1.3: processes and windows vary by these standard deviations. */
function simulate(normal: () => number, { passes = 3, windows = 6, process = 0, window = 0.1 }): Series {
  return Array.from({ length: passes }, () => {
    const shift = process * normal();
    return Array.from({ length: windows }, () => TRUE_RATIO * Math.exp(shift + window * normal()));
  });
}

const estimate = (series: Series, processVariance = 0) => {
  const mean = logMean(series, processVariance);
  return mean && toRatio(mean);
};

test('the estimate is the geometric mean of the passes, with a symmetric interval on the logarithms', () => {
  const {
    median = 0,
    low = 0,
    high = 0,
  } = estimate([
    [2, 2, 2],
    [2, 2, 2],
    [8, 8, 8],
  ]) ?? {};
  expect(median).toBeCloseTo(32 ** (1 / 3), 10);
  expect(low * high).toBeCloseTo(median ** 2, 6);
  // The passes vary by ln 4 / sqrt(3), with a weight of 2 of 8; t for 8 degrees of freedom is 2.306.
  const deviation = Math.sqrt((2 * (Math.log(4) ** 2 / 3)) / 8 / 3);
  expect(Math.log(high / median)).toBeCloseTo(2.306 * deviation, 3);
});

test('a single disturbed window does not change the ratio', () => {
  expect(estimate([[1, 1, 1, 1, 1, 1, 1, 5]])?.median).toBeCloseTo(1, 10);
});

test('equal ratios have an interval of zero width, and fewer than three windows have none', () => {
  expect(estimate([[1.5, 1.5, 1.5]])).toStrictEqual({ median: 1.5, low: 1.5, high: 1.5 });
  expect(estimate([[1.5, 1.5]])).toBe(undefined);
  expect(estimate([[1.5], [1.5], [1.5]])).toBe(undefined);
  expect(estimate([[1.5, 1.5, Number.NaN]])).toBe(undefined);
});

test('a ratio and its inverse are treated alike', () => {
  const series = [[4, 0.25, 1]];
  expect(estimate(series)?.median).toBeCloseTo(1, 12);
});

test('95 % of the intervals contain the true ratio, whether windows or processes vary more', () => {
  const normal = normals(5);
  let [held, total, width] = [0, 0, 0];
  for (let run = 0; run < 60; run++) {
    // Windows vary by 3 % to 30 %; processes by 0 to 6 %.
    const all = Array.from({ length: 40 }, (_, at) =>
      simulate(normal, { passes: 2 + (at % 3), process: 0.03 * (at % 3), window: 0.03 * 10 ** (at / 39) }),
    );
    const variance = commonProcessVariance(all);
    for (const series of all) {
      const interval = estimate(series, variance);
      if (interval === undefined) continue;
      total++;
      if (interval.low <= TRUE_RATIO && interval.high >= TRUE_RATIO) held++;
      width += Math.log(interval.high / interval.low);
    }
  }
  expect(held / total).toBeGreaterThan(0.93);
  expect(held / total).toBeLessThan(0.98);
  expect(width / total).toBeLessThan(0.25);
});

test('separates the variance of processes from that of windows', () => {
  const normal = normals(3);
  const series = (process: number) => Array.from({ length: 200 }, () => simulate(normal, { process }));
  expect(Math.sqrt(commonProcessVariance(series(0.05)))).toBeCloseTo(0.05, 2);
  expect(Math.sqrt(commonProcessVariance(series(0)))).toBeLessThan(0.015);
  expect(commonProcessVariance([simulate(normal, { passes: 1 })])).toBe(0);
});

test('the mean of several comparisons varies less than each', () => {
  const normal = normals(9);
  const parts = Array.from({ length: 4 }, () => logMean(simulate(normal, {}), 0)).filter((part) => part !== undefined);
  const joined = joinMeans(parts);
  expect(joined.variance).toBeLessThan(Math.min(...parts.map(({ variance }) => variance)));
  expect(joined.degrees).toBeGreaterThan(Math.max(...parts.map(({ degrees }) => degrees)));
  expect(Math.exp(joined.mean)).toBeCloseTo(TRUE_RATIO, 1);
});
