import type { Problem } from './problem.ts';
import { errorRow, problemBody } from './problem-table.ts';
import type { Reply } from './reply.ts';

/** A Problem as an HTTP answer. */
export function problemReply(problem: Problem): Reply {
  return {
    status: errorRow(problem.code).http,
    type: 'application/problem+json',
    body: JSON.stringify(problemBody(problem)),
    ...(problem.retryAfter !== undefined && { headers: { 'retry-after': `${problem.retryAfter}` } }),
  };
}
