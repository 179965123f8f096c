import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';

/** A read that Redis did not answer. */
export const STORE_AWAY: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail: 'Redis is away: ask again in a moment',
  retryAfter: 1,
};
