import { problemCode } from '../../../http/error-table.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import type { CastManyOutcome, CastOutcome } from '../../vote/ingress.ts';

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
