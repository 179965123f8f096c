/** A median with its 95 % confidence interval. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** NaN for no values, because a missing measurement must never look like 0. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const TAIL = 0.025;

/**
 * The median with its distribution-free 95 % interval: two of the values themselves, chosen by the binomial
 * distribution. Fewer than six values give their whole range, which contains the median less often: five in 94 % of
 * cases, three in 75 %.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const at = lowRank(sorted.length);
  return {
    median: median(sorted),
    low: sorted[at] ?? Number.NaN,
    high: sorted[sorted.length - 1 - at] ?? Number.NaN,
  };
}

/** The highest rank, from 0, below which the median lies with a probability of at most `TAIL`. */
function lowRank(n: number): number {
  let probability = 0.5 ** n;
  let below = probability;
  let rank = 0;
  for (let k = 1; below + (probability * (n - k + 1)) / k <= TAIL && k < n / 2; k++) {
    probability *= (n - k + 1) / k;
    below += probability;
    rank = k;
  }
  return rank;
}
