import { problemCode } from '../../../http/error-table.ts';
import { problemBody, problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import type { CastEachOutcome, CastManyOutcome, CastOutcome } from '../../vote/ingress.ts';

const JSON_TYPE = 'application/json';

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
  if (rejected.length === 0) return { status: 202, type: JSON_TYPE, body: `{"accepted":${accepted},"rejected":[]}` };
  const rows = rejected.map(({ index, code, message }) => ({ index, code: problemCode(code), message }));
  return { status: 202, type: JSON_TYPE, body: JSON.stringify({ accepted, rejected: rows }) };
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
