import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { Contest } from '../../../store/contests/contest.ts';

export type ContestChange =
  | { readonly ok: true; readonly action: 'close' | 'open' | 'pause' }
  | { readonly ok: true; readonly action: 'edit'; readonly fields: Record<string, unknown> }
  | { readonly ok: false; readonly problem: Problem };

const ACTIONS: Readonly<Record<string, 'close' | 'open' | 'pause'>> = {
  closed: 'close',
  open: 'open',
  paused: 'pause',
};

/** `{"status":"closed"}`, `"paused"` and `"open"` act now and allow no other field; other fields are replaced. */
export function readContestChange(value: unknown, contest: Contest, now: number): ContestChange {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('', 'A change must be a JSON object with the fields to replace');
  }
  const { status, ...fields } = value as Record<string, unknown>;
  if (Object.keys(value).length === 0) return invalid('', 'A change must name at least one field');
  if (status === undefined) {
    const problem = pastClosing(value, now, contest);
    return problem === undefined ? { ok: true, action: 'edit', fields } : { ok: false, problem };
  }
  const action = typeof status === 'string' && Object.hasOwn(ACTIONS, status) ? ACTIONS[status] : undefined;
  if (action === undefined) {
    return invalid('status', `status must be "open", "paused" or "closed"; got ${quoteForMessage(status)}`);
  }
  if (Object.keys(fields).length > 0) return invalid('status', 'Change the status in a request of its own');
  return { ok: true, action };
}

/** A closing time in the past would make counted votes late, so it is rejected unless the contest already has it. */
export function pastClosing(value: unknown, now: number, contest?: Contest): Problem | undefined {
  const { closesAt } = (value ?? {}) as { closesAt?: unknown };
  // Values that are not times get their own message elsewhere.
  if (typeof closesAt !== 'string' || !(Date.parse(closesAt) <= now)) return undefined;
  if (contest?.closesAt != null && Date.parse(contest.closesAt) === Date.parse(closesAt)) return undefined;
  const message = `closesAt must be in the future; got ${quoteForMessage(closesAt)}. To close a contest now, set its status to "closed"`;
  return { code: ErrorCode.INVALID_ARGUMENT, detail: message, errors: [{ field: 'closesAt', message }] };
}

function invalid(field: string, message: string): ContestChange {
  return {
    ok: false,
    problem: { code: ErrorCode.INVALID_ARGUMENT, detail: message, errors: [{ field, message }] },
  };
}
