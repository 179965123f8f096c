import type { Results } from '../../../store/tally/results.ts';
import type { History } from '../../api/results.ts';

export const SAMPLE_MS = 1000;
const MAX_POINTS = 600;

/** Votes counted at each of the last seconds, per contest. */
export class CountHistory {
  readonly #points = new Map<string, [number, number][]>();

  /** The caller checks `resultsHidden`. */
  of(contest: string): History {
    return { contest, stepMs: SAMPLE_MS, points: this.#points.get(contest) ?? [] };
  }

  add({ contest, total, changed }: Results, now: number): void {
    const points = this.#points.get(contest) ?? [];
    points.push([now, total + changed]);
    if (points.length > MAX_POINTS) points.shift();
    this.#points.set(contest, points);
  }

  /** Adds stored points from before the first one: time and votes at each change, oldest first. */
  prepend(contest: string, votes: readonly (readonly [number, number])[], now: number): void {
    const points = this.#points.get(contest);
    const first = points?.[0]?.[0];
    if (points === undefined || first === undefined) return;
    const known = votes.filter(([at]) => at < first && at > now - MAX_POINTS * SAMPLE_MS);
    const before = known.flatMap(([at, count], index): [number, number][] => {
      // Between two changes the count stayed the same until one step before the second.
      const [lastAt, last] = known[index - 1] ?? [at, count];
      return at - lastAt > SAMPLE_MS
        ? [
            [at - SAMPLE_MS, last],
            [at, count],
          ]
        : [[at, count]];
    });
    points.unshift(...before.slice(-(MAX_POINTS - points.length)));
  }

  keepOnly(contests: ReadonlySet<string>): void {
    for (const id of this.#points.keys()) if (!contests.has(id)) this.#points.delete(id);
  }
}
