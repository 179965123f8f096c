import { STORE_UNAVAILABLE } from '../../../http/common-problems.ts';
import type { ResultsOutcome } from '../../grpc/results/results-feed.ts';

/**
 * What the vote page needs of a contest's counts, as JSON: a tenth of the results, which also have ids and labels. Counts
 * are in the order of the options.
 */
export interface LiveCounts {
  readonly status?: string | undefined;
  readonly results: 'shown' | 'hidden' | 'away' | 'gone';
  readonly total?: number;
  readonly counts?: readonly number[];
}

export function liveCounts(outcome: ResultsOutcome): LiveCounts {
  if (!outcome.ok) {
    const { status, problem } = outcome;
    if (status === undefined) return { results: 'gone' };
    return { status, results: problem === STORE_UNAVAILABLE ? 'away' : 'hidden' };
  }
  const { status, total, options } = outcome.results;
  return { status, results: 'shown', total, counts: options.map(({ count }) => count) };
}

const frames = new WeakMap<ResultsOutcome, Uint8Array>();
const encoder = new TextEncoder();

/** The outcome as a server-sent event. All viewers share its bytes. */
export function liveFrame(outcome: ResultsOutcome): Uint8Array {
  let frame = frames.get(outcome);
  if (frame === undefined) {
    frame = encoder.encode(`data: ${JSON.stringify(liveCounts(outcome))}\n\n`);
    frames.set(outcome, frame);
  }
  return frame;
}
