import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RejectReason } from '../write/submit.ts';

/** The problem for a vote that was never sent to Redis. */
export function notStoredProblem(reason: RejectReason): Problem {
  return PROBLEMS[reason];
}

const PROBLEMS: Readonly<Record<RejectReason, Problem>> = {
  stopping: {
    code: ErrorCode.SHUTTING_DOWN,
    detail: 'This edge is stopping; the vote was not stored: send it again',
    retryAfter: 1,
  },
  overloaded: {
    code: ErrorCode.OVERLOADED,
    detail: 'Too many votes wait to be written or counted; the vote was not stored: send it again later',
    retryAfter: 2,
  },
  unavailable: {
    code: ErrorCode.STORE_UNAVAILABLE,
    detail: 'Redis is unavailable; the vote was not stored: send it again',
    retryAfter: 1,
  },
};

/** The problem for votes that may be counted. */
export function unknownProblem(reason: string, outcome = 'The outcome is unknown'): Problem {
  return {
    code: ErrorCode.STORE_UNAVAILABLE,
    detail: `${outcome}: ${reason}. Sending the same vote again with the same sequence or vote_id is harmless`,
    retryAfter: 1,
  };
}
