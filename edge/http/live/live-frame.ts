import { STORE_UNAVAILABLE } from '../../../http/common-problems.ts';
import type { ResultsOutcome } from '../../grpc/results/results-feed.ts';

/**
 * The counts of a contest for the vote page, in the order of the options: a tenth of the size of the results, which
 * also have ids and labels.
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

/** Encodes the outcome as a server-sent event, whose bytes all viewers share. */
export function liveFrame(outcome: ResultsOutcome): Uint8Array {
  let frame = frames.get(outcome);
  if (frame === undefined) {
    frame = encoder.encode(`data: ${JSON.stringify(liveCounts(outcome))}\n\n`);
    frames.set(outcome, frame);
  }
  return frame;
}
