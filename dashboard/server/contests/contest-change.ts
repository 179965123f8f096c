import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus } from '../../../store/contests/contest.ts';

export type ContestChange =
  | { readonly ok: true; readonly close: boolean; readonly fields: Record<string, unknown> }
  | { readonly ok: false; readonly problem: Problem };

/** `{"status":"closed"}` closes now, `{"status":"open"}` opens with no closing time; other fields are replaced. */
export function readContestChange(value: unknown, contest: Contest): ContestChange {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('', 'A change must be a JSON object with the fields to replace');
  }
  const { status, ...fields } = value as Record<string, unknown>;
  if (Object.keys(value).length === 0) return invalid('', 'A change must name at least one field');
  if (status === undefined) return { ok: true, close: false, fields };
  if (status === 'closed') {
    if (Object.keys(fields).length > 0) return invalid('status', 'Close a contest in a request of its own');
    return { ok: true, close: true, fields };
  }
  if (status !== 'open') {
    return invalid('status', `status must be "open" or "closed"; got ${quoteForMessage(status)}`);
  }
  if ('opensAt' in fields || 'closesAt' in fields) return invalid('status', 'Set the status or the times, not both');
  // An opening time in the past stays: votes accepted since then may not be counted yet, and would become late.
  const opensAt = contestStatus(contest, Date.now()) === 'scheduled' ? null : contest.opensAt;
  return { ok: true, close: false, fields: { ...fields, opensAt, closesAt: null } };
}

function invalid(field: string, message: string): ContestChange {
  return {
    ok: false,
    problem: { code: ErrorCode.INVALID_ARGUMENT, detail: message, errors: [{ field, message }] },
  };
}
