import type { Results } from '../../../store/tally/results.ts';
import type { OptionHistoryView } from '../../api/results.ts';

const HOUR_MS = 3_600_000;
const COARSE_MS = 60_000;
const MAX_SHOWN = 300;

/** Milliseconds since 1970, and the count of each option. */
export type Point = readonly [at: number, ...counts: number[]];

interface Series {
  readonly options: readonly string[];
  /** The last hour: a point per change, at most one per second. */
  fine: Point[];
  /** The last day: a point per minute. */
  coarse: Point[];
}

/** The counts of each option over time: every second of the last hour, and every minute of the last day. */
export class OptionHistory {
  readonly #series = new Map<string, Series>();

  /**
   * At most `MAX_SHOWN` points, oldest first, and one for now, because the counts are unchanged since the last point.
   * The caller checks `resultsHidden`.
   */
  of(contest: string, now?: number): OptionHistoryView {
    const { options, fine, coarse } = this.#series.get(contest) ?? { options: [], fine: [], coarse: [] };
    const points = [...coarse, ...fine];
    const step = Math.max(1, Math.ceil(points.length / MAX_SHOWN));
    const shown = points.filter((_, index) => (points.length - 1 - index) % step === 0);
    const last = shown.at(-1);
    if (now !== undefined && last !== undefined && now > last[0]) shown.push([now, ...last.slice(1)]);
    return { contest, options, points: shown.map((point) => [...point]) };
  }

  /** Adds the current counts; true if they changed. A contest's initial zeros are not a change. */
  add({ contest, options }: Results, now: number): boolean {
    const ids = options.map(({ id }) => id);
    let series = this.#series.get(contest);
    // An option was added or moved, so the columns differ.
    if (series === undefined || series.options.join() !== ids.join()) {
      series = { options: ids, fine: [], coarse: [] };
      this.#series.set(contest, series);
    }
    const last = series.fine.at(-1);
    const isChanged = options.some(({ count }, index) => last?.[index + 1] !== count);
    if (isChanged || now - (last?.[0] ?? 0) >= COARSE_MS) series.fine.push([now, ...options.map(({ count }) => count)]);
    while ((series.fine[0]?.[0] ?? now) < now - HOUR_MS) {
      const old = series.fine.shift();
      if (old !== undefined && old[0] - (series.coarse.at(-1)?.[0] ?? 0) >= COARSE_MS) series.coarse.push(old);
    }
    while ((series.coarse[0]?.[0] ?? now) < now - 24 * HOUR_MS) series.coarse.shift();
    return isChanged && (last !== undefined || options.some(({ count }) => count > 0));
  }

  /** Adds stored points from before the first one, oldest first. */
  prepend(
    contest: string,
    { fine, coarse }: { readonly fine: readonly Point[]; readonly coarse: readonly Point[] },
  ): void {
    const series = this.#series.get(contest);
    if (series === undefined) return;
    const first = series.fine[0]?.[0] ?? Number.POSITIVE_INFINITY;
    series.fine.unshift(...fine.filter(([at]) => at < first));
    const firstFine = series.fine[0]?.[0] ?? Number.POSITIVE_INFINITY;
    series.coarse.unshift(...coarse.filter(([at]) => at < firstFine));
  }

  keepOnly(contests: ReadonlySet<string>): void {
    for (const id of this.#series.keys()) if (!contests.has(id)) this.#series.delete(id);
  }
}
