import { problemCode } from '../../../http/error-table.ts';
import { problemBody, problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  type CastEachOutcome,
  type CastManyOutcome,
  type CastOutcome,
  MAX_LISTED_REJECTIONS,
} from '../../vote/ingress.ts';

const JSON_TYPE = 'application/json';

/** A rejected vote of a batch in an HTTP answer. */
export interface RejectedRow {
  readonly index: number;
  /** Such as `unknown_choice`. */
  readonly code: string;
  readonly message: string;
}

/** The answer to a single vote. */
export function receiptReply(outcome: CastOutcome): Reply {
  if (!outcome.ok) return problemReply(outcome.problem);
  const { receipt, status, results } = outcome;
  if (status === 'queued') return { status: 202, type: JSON_TYPE, body: `{"receipt":"${receipt}","status":"queued"}` };
  return { status: 200, type: JSON_TYPE, body: JSON.stringify({ receipt, status, ...(results && { results }) }) };
}

/** The answer to a batch. */
export function batchReply(outcome: CastManyOutcome): Reply {
  if (!outcome.ok) return problemReply(outcome.problem);
  const { accepted, rejected } = outcome;
  return rowsReply(
    accepted,
    rejected.map(({ index, code, message }) => ({ index, code: problemCode(code), message })),
  );
}

/**
 * Lists the first rejected votes; `omitted` is the number of further ones. If no vote was accepted, the answer is the
 * problem of the first vote, with the list.
 */
export function rowsReply(accepted: number, rows: readonly RejectedRow[]): Reply {
  if (rows.length === 0) return { status: 202, type: JSON_TYPE, body: `{"accepted":${accepted},"rejected":[]}` };
  const omitted = Math.max(0, rows.length - MAX_LISTED_REJECTIONS);
  const body = { accepted, rejected: rows.slice(0, MAX_LISTED_REJECTIONS), ...(omitted > 0 && { omitted }) };
  const first = rows[0];
  if (accepted > 0 || first === undefined) return { status: 202, type: JSON_TYPE, body: JSON.stringify(body) };
  const code = ErrorCode[first.code.toUpperCase() as keyof typeof ErrorCode] ?? ErrorCode.INVALID_ARGUMENT;
  const problem = { code, detail: `All ${rows.length} votes were rejected; the first one: ${first.message}` };
  return { ...problemReply(problem), body: JSON.stringify({ ...problemBody(problem), ...body }) };
}

/** The answer to a batch with `outcomes=each`: the body that each vote would have been answered with alone. */
export function eachReply(outcome: CastEachOutcome): Reply {
  if (!outcome.ok) return problemReply(outcome.problem);
  const { outcomes } = outcome;
  const rows = outcomes.map((one) => {
    if (one.ok) return `{"receipt":"${one.receipt}","status":"${one.status}"}`;
    const { retryAfter } = one.problem;
    return JSON.stringify({ ...problemBody(one.problem), ...(retryAfter !== undefined && { retryAfter }) });
  });
  const accepted = outcomes.filter(({ ok }) => ok).length;
  return { status: 202, type: JSON_TYPE, body: `{"accepted":${accepted},"outcomes":[${rows.join(',')}]}` };
}
