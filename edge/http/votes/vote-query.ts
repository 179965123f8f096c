import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

/** The query of `POST /v1/votes`. */
export interface VoteQuery {
  /** `wait=counted`: answer once the vote is counted. */
  readonly wait: boolean;
  /** `outcomes=each`: answer a batch with the outcome and receipt of each vote. */
  readonly each: boolean;
}

const NONE: VoteQuery = { wait: false, each: false };
const WAIT: VoteQuery = { wait: true, each: false };
const EACH: VoteQuery = { wait: false, each: true };
const VALUES = new Map([
  ['wait', 'counted'],
  ['outcomes', 'each'],
]);

/** Unknown parameters are a problem, so that a typing error does not go unnoticed. */
export function readVoteQuery(query: string): VoteQuery | Problem {
  if (query === '') return NONE;
  if (query === 'wait=counted') return WAIT;
  if (query === 'outcomes=each') return EACH;
  const parameters = [...new URLSearchParams(query)];
  for (const [name, value] of parameters) {
    const allowed = VALUES.get(name);
    if (allowed === undefined) {
      return invalid(
        `Unknown query parameter ${quoteForMessage(name)}; use wait=counted, or outcomes=each for a batch`,
      );
    }
    if (value !== allowed) {
      return invalid(`Query parameter ${name} must be "${allowed}" or absent; got ${quoteForMessage(value)}`);
    }
    if (parameters.filter(([other]) => other === name).length > 1) {
      return invalid(`Query parameter ${name} must appear at most once`);
    }
  }
  const names = parameters.map(([name]) => name);
  return { wait: names.includes('wait'), each: names.includes('outcomes') };
}

function invalid(detail: string): Problem {
  return { code: ErrorCode.INVALID_ARGUMENT, detail };
}
