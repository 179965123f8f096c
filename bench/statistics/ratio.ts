import type { Estimate } from './median.ts';

/** Student's t for a two-sided 95 % interval, by degrees of freedom from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];
const T_95_LARGE = 1.98;

/** Fewer values give an interval too wide to be of use. */
export const FEWEST_RATIOS = 3;

/**
 * The geometric mean of independent ratios with its 95 % interval: Student's t on their logarithms. Null for fewer than
 * three ratios. `median` holds the mean.
 */
export function ratioEstimate(ratios: readonly number[]): Estimate | null {
  const logs = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map(Math.log);
  if (logs.length < FEWEST_RATIOS) return null;
  const mean = average(logs);
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const margin = (T_95[logs.length - 2] ?? T_95_LARGE) * Math.sqrt(variance / logs.length);
  return { median: Math.exp(mean), low: Math.exp(mean - margin), high: Math.exp(mean + margin) };
}

export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(average(ratios.map(Math.log)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
