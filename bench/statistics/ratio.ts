import type { Estimate } from './median.ts';

/** Student's t for a two-sided 95 % interval, by degrees of freedom from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];
const T_95_LARGE = 1.98;

/**
 * The ratios of one comparison: those of the windows of each pass. Passes run on new processes, so they are
 * independent.
 */
export type Series = readonly (readonly number[])[];

/** Weight of the variance predicted by the windows, in passes. */
const PREDICTED_WEIGHT = 8;

/** A mean of logarithms with the variance of that mean. */
export interface LogMean {
  readonly mean: number;
  readonly variance: number;
  readonly degrees: number;
}

/**
 * The ratio of a series: the mean over the passes of the interquartile mean of their windows, on logarithms; undefined
 * for fewer than three windows.
 *
 * Its variance joins two estimates by their degrees of freedom: that of the passes around their mean, which are few,
 * and what the windows predict: their variance divided by their number, plus `processVariance`, by which processes of
 * the same program differ from start to start. (A moderated t-test: G. K. Smyth, "Linear models and empirical Bayes
 * methods", 2004, with a fixed prior weight.)
 */
export function logMean(series: Series, processVariance: number): LogMean | undefined {
  const { means, between, within, windowDegrees } = partsOf(series);
  if (windowDegrees < 2) return undefined;
  const own = means.length - 1;
  const weight = Math.min(PREDICTED_WEIGHT, windowDegrees);
  const variance = (own * between + weight * (processVariance + within)) / (own + weight);
  return { mean: average(means), variance: variance / means.length, degrees: own + weight };
}

/** The mean of independent means, with the degrees of freedom of Welch and Satterthwaite. */
export function joinMeans(parts: readonly LogMean[]): LogMean {
  const variances = parts.map(({ variance }) => variance / parts.length ** 2);
  const variance = sumOf(variances);
  const degrees = variance ** 2 / sumOf(parts.map(({ degrees: own }, at) => (variances[at] ?? 0) ** 2 / own));
  return { mean: average(parts.map(({ mean }) => mean)), variance, degrees };
}

/** The ratio with its 95 % interval; `median` holds the geometric mean. */
export function toRatio({ mean, variance, degrees }: LogMean): Estimate {
  const margin = (T_95[Math.floor(degrees) - 1] ?? T_95_LARGE) * Math.sqrt(variance);
  return { median: Math.exp(mean), low: Math.exp(mean - margin), high: Math.exp(mean + margin) };
}

/**
 * The ratio of windows on the same processes; its interval is valid only for them. Null for fewer than three windows.
 */
export function windowRatio(ratios: readonly number[]): Estimate | null {
  const mean = logMean([ratios], 0);
  return mean === undefined ? null : toRatio(mean);
}

/**
 * The variance between processes of the same program, common to all series of a run, with which the passes differ as
 * much as expected (the moment estimator of R. C. Paule and J. Mandel, 1982). 0 if no series has two passes.
 */
export function commonProcessVariance(all: readonly Series[]): number {
  const parts = all.map(partsOf).filter(({ means, windowDegrees }) => means.length > 1 && windowDegrees > 0);
  const excess = (variance: number) =>
    sumOf(parts.map(({ means, between, within }) => (means.length - 1) * (between / (variance + within || 1) - 1)));
  if (excess(0) <= 0) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

interface Parts {
  /** The mean of each pass. */
  readonly means: readonly number[];
  /** The variance of the means. */
  readonly between: number;
  /** The variance of a mean, as predicted by its windows. */
  readonly within: number;
  readonly windowDegrees: number;
}

function partsOf(series: Series): Parts {
  const passes = series.map(logsOf).filter(({ length }) => length > 0);
  const means = passes.map(interquartileMean);
  const windowDegrees = sumOf(passes.map(({ length }) => length - 1));
  const windows = sumOf(passes.map(squares)) / Math.max(1, windowDegrees);
  return {
    means,
    between: means.length > 1 ? squares(means) / (means.length - 1) : 0,
    within: windows * average(passes.map(({ length }) => 1 / length)),
    windowDegrees,
  };
}

function logsOf(ratios: readonly number[]): number[] {
  return ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map(Math.log);
}

/** The mean without the lowest and the highest quarter, because other load on the machine disturbs single windows. */
function interquartileMean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 4);
  return average([...values].sort((a, b) => a - b).slice(cut, values.length - cut));
}

/** The sum of the squared distances from the mean. */
function squares(values: readonly number[]): number {
  const mean = average(values);
  return sumOf(values.map((value) => (value - mean) ** 2));
}

function average(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
