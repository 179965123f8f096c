/** A median with the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** NaN for no values: an absent measurement must never look like 0. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median and the 95 % percentile-bootstrap interval around it.
 *
 * For an odd number of values the distribution of a resample's median is known in closed form (it is one of the
 * values; how often follows from the binomial distribution), so nothing is drawn and the same values always give the
 * same interval. An even number is resampled with a fixed seed. Fewer than six values give their whole range, which is
 * as much as they can say.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const { low, high } = sorted.length % 2 === 1 ? exactInterval(sorted) : resampledInterval(sorted);
  return { median: median(sorted), low, high };
}

const TAIL = 0.025;

function exactInterval(sorted: readonly number[]): { low: number; high: number } {
  const n = sorted.length;
  const needed = (n + 1) / 2;
  // P(median of a resample <= k-th smallest) = P(at least half of n draws fall on the k smallest).
  const below = (k: number) => binomialTail(n, k / n, needed);
  let low = 1;
  while (low < n && below(low) <= TAIL) low++;
  let high = n;
  while (high > 1 && 1 - below(high - 1) <= TAIL) high--;
  return { low: sorted[low - 1] ?? Number.NaN, high: sorted[high - 1] ?? Number.NaN };
}

/** P(at least `atLeast` of `n` draws succeed, each with probability `p`). */
export function binomialTail(n: number, p: number, atLeast: number): number {
  if (p >= 1) return 1;
  let probability = (1 - p) ** n;
  let below = 0;
  for (let k = 0; k < atLeast; k++) {
    below += probability;
    probability *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  return 1 - below;
}

const RESAMPLES = 4_000;

function resampledInterval(sorted: readonly number[]): { low: number; high: number } {
  if (sorted.length === 0) return { low: Number.NaN, high: Number.NaN };
  let state = 0x2545f491;
  const draw = () => {
    // xorshift32: the interval of a report must not change when it is computed again.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return sorted[(state >>> 0) % sorted.length] ?? Number.NaN;
  };
  const medians = Array.from({ length: RESAMPLES }, () => median(sorted.map(draw))).sort((a, b) => a - b);
  const at = (share: number) => medians[Math.min(RESAMPLES - 1, Math.floor(share * RESAMPLES))] ?? Number.NaN;
  return { low: at(TAIL), high: at(1 - TAIL) };
}
