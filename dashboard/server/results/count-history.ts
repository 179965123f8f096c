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

  keepOnly(contests: ReadonlySet<string>): void {
    for (const id of this.#points.keys()) if (!contests.has(id)) this.#points.delete(id);
  }
}
