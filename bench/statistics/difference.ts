import { type Estimate, estimate } from './median.ts';

/** How `b` stands to `a`, where less is better. */
export interface Difference {
  /** Which is lower; `none` where the intervals overlap: then the data do not tell them apart. */
  readonly lower: 'a' | 'b' | 'none';
  /** b / a, with the interval of the rounds' own ratios where there are rounds in common. */
  readonly ratio: Estimate;
}

/**
 * Compares two estimates. `rounds` holds the values of each round in which both were measured: their ratios leave out
 * the drift of the machine between rounds, and give the ratio its interval. Without them it is that of the two
 * intervals' ends.
 */
export function difference(a: Estimate, b: Estimate, rounds: readonly (readonly [number, number])[] = []): Difference {
  const ratios = rounds.map(([first, second]) => second / first).filter(Number.isFinite);
  const ratio =
    ratios.length >= 2
      ? { ...estimate(ratios), median: b.median / a.median }
      : { median: b.median / a.median, low: b.low / a.high, high: b.high / a.low };
  const widened = { ...ratio, low: Math.min(ratio.low, ratio.median), high: Math.max(ratio.high, ratio.median) };
  if (a.high < b.low) return { lower: 'a', ratio: widened };
  if (b.high < a.low) return { lower: 'b', ratio: widened };
  return { lower: 'none', ratio: widened };
}
