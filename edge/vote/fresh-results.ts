import type { Contest } from '../../store/contests/contest.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import type { Results } from '../../store/tally/results.ts';

/**
 * Reads results that include everything counted before the call. A read in flight may be too old, so callers that
 * arrive meanwhile share the next one. Undefined while Redis is unavailable.
 */
export function freshResults(reader: ResultsReader): (contest: Contest) => Promise<Results | undefined> {
  const next = new Map<string, Promise<Results | undefined>>();
  const inFlight = new Map<string, Promise<unknown>>();
  const read = (contest: Contest): Promise<Results | undefined> => {
    next.delete(contest.id);
    const reading = reader.read(contest).catch(() => undefined);
    const finished = reading.finally(() => {
      if (inFlight.get(contest.id) === finished) inFlight.delete(contest.id);
    });
    inFlight.set(contest.id, finished);
    return reading;
  };
  return (contest) => {
    const before = inFlight.get(contest.id);
    if (before === undefined) return read(contest);
    let shared = next.get(contest.id);
    if (shared === undefined) {
      shared = before.then(() => read(contest));
      next.set(contest.id, shared);
    }
    return shared;
  };
}
