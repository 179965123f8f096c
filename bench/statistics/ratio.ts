import { type Estimate, median } from './median.ts';

/** Student's t for a two-sided 95 % interval, by degrees of freedom from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];
const T_95_LARGE = 1.98;

/** Fewer values give an interval too wide to be of use. */
export const FEWEST_RATIOS = 3;

/** The variance that other ratios of the same run have in common counts as this many further values. */
const COMMON_WEIGHT = 4;

/**
 * The geometric mean of independent ratios with its 95 % interval: Student's t on their logarithms. Null for fewer than
 * three ratios. `median` holds the mean.
 *
 * The variance of three values is itself a matter of luck, and t for three is 4.3. `common`, the variance of the
 * logarithms that is usual in the run, moderates it: the mean of both, weighted by their degrees of freedom (G. K. Smyth,
 * "Linear models and empirical Bayes methods", 2004, with a fixed prior weight).
 */
export function ratioEstimate(ratios: readonly number[], common?: number): Estimate | null {
  const logs = logsOf(ratios);
  if (logs.length < FEWEST_RATIOS) return null;
  const own = logs.length - 1;
  const weight = common === undefined ? 0 : COMMON_WEIGHT;
  const variance = (own * varianceOf(logs) + weight * (common ?? 0)) / (own + weight);
  const margin = (T_95[own + weight - 1] ?? T_95_LARGE) * Math.sqrt(variance / logs.length);
  const mean = average(logs);
  return { median: Math.exp(mean), low: Math.exp(mean - margin), high: Math.exp(mean + margin) };
}

/** Fewer series have nothing in common. */
const FEWEST_SERIES = 5;

/**
 * The variance of the logarithms that is usual among several series of ratios: the median. Of series as long as `like`
 * if there are enough of them: ratios of windows vary more than those of passes, and there are more of them.
 */
export function commonVariance(series: readonly (readonly number[])[], like: readonly number[]): number | undefined {
  const alike = series.filter(({ length }) => length === like.length);
  const variances = (alike.length < FEWEST_SERIES ? series : alike)
    .map(logsOf)
    .flatMap((logs) => (logs.length < FEWEST_RATIOS ? [] : [varianceOf(logs)]));
  return variances.length === 0 ? undefined : median(variances);
}

function logsOf(ratios: readonly number[]): number[] {
  return ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map(Math.log);
}

function varianceOf(values: readonly number[]): number {
  const mean = average(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(average(ratios.map(Math.log)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
