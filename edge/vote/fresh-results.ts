import type { Contest } from '../../store/contests/contest.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import type { Results } from '../../store/tally/results.ts';

/**
 * Reads results that hold everything that was counted before the call: a read that is under way may be too old, so
 * whoever comes meanwhile shares the next one. Undefined while Redis is away.
 */
export function freshResults(reader: ResultsReader): (contest: Contest) => Promise<Results | undefined> {
  const next = new Map<string, Promise<Results | undefined>>();
  const underWay = new Map<string, Promise<unknown>>();
  const read = (contest: Contest): Promise<Results | undefined> => {
    next.delete(contest.id);
    const reading = reader.read(contest).catch(() => undefined);
    const finished = reading.finally(() => {
      if (underWay.get(contest.id) === finished) underWay.delete(contest.id);
    });
    underWay.set(contest.id, finished);
    return reading;
  };
  return (contest) => {
    const before = underWay.get(contest.id);
    if (before === undefined) return read(contest);
    let shared = next.get(contest.id);
    if (shared === undefined) {
      shared = before.then(() => read(contest));
      next.set(contest.id, shared);
    }
    return shared;
  };
}
