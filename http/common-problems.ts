import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { Problem } from './problem.ts';
import { quoteForMessage } from './quote.ts';

/** Problems that several routes and RPCs answer with. */
export function unknownContest(id: string): Problem {
  return { code: ErrorCode.UNKNOWN_CONTEST, detail: `Unknown contest ${quoteForMessage(id)}` };
}

export function hiddenResults(contest: string): Problem {
  const detail = `The results of ${quoteForMessage(contest)} are hidden until the contest closes`;
  return { code: ErrorCode.RESULTS_HIDDEN, detail };
}

/** Redis did not answer a read. */
export const STORE_UNAVAILABLE: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail: 'Redis is unavailable; try again in a moment',
  retryAfter: 1,
};

/** The answer to a request that hit a bug. The log has the error under the request's id. */
export function internalError(requestId: string): Problem {
  return { code: ErrorCode.INTERNAL, detail: `Internal error; see request ${requestId} in the log`, requestId };
}
