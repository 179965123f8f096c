import { type Contest, contestStatus, type Pause } from '../contest.ts';

/** Delay until `close`, `pause` or `reset` takes effect, in which every partition receives the new rule. */
export const CLOSE_DELAY_MS = 500;

/** Limit of pauses per contest: each is part of its rule, which the tally reads in every call. */
export const MAX_PAUSES = 64;

/**
 * Closes a contest at `now` (milliseconds since 1970, by Redis's clock); if it is open, after a delay, so that every
 * partition has the new rule before it takes effect. Returns a closed contest unchanged.
 */
export function closed(contest: Contest, now: number): Contest {
  const status = contestStatus(contest, now);
  if (status === 'closed') return contest;
  // Before the opening, no accepted votes can be waiting for their count, so no delay is needed.
  if (status === 'scheduled') return { ...contest, opensAt: null, closesAt: iso(now - CLOSE_DELAY_MS) };
  const delayed = now + CLOSE_DELAY_MS;
  return {
    ...contest,
    closesAt: iso(contest.closesAt === null ? delayed : Math.min(delayed, Date.parse(contest.closesAt))),
  };
}

/**
 * Pauses a contest after the delay. Returns a contest that is not open unchanged; undefined: it has too many pauses.
 */
export function paused(contest: Contest, now: number): Contest | undefined {
  const { pauses = [] } = contest;
  if (contestStatus(contest, now) !== 'open' || lastPause(contest)?.to === null) return contest;
  if (pauses.length === MAX_PAUSES) return undefined;
  return { ...contest, pauses: [...pauses, { from: iso(now + CLOSE_DELAY_MS), to: null }] };
}

/**
 * Opens a contest at `now`: ends a pause, and removes an opening time in the future or a closing time in the past. An
 * opening time in the past stays: otherwise votes that were accepted since then but not counted yet would become late.
 */
export function opened(contest: Contest, now: number): Contest {
  const { opensAt, closesAt, pauses = [] } = contest;
  const last = lastPause(contest);
  const isPausing = last?.to === null;
  return {
    ...contest,
    opensAt: opensAt !== null && Date.parse(opensAt) > now ? null : opensAt,
    closesAt: closesAt !== null && Date.parse(closesAt) < now ? null : closesAt,
    ...(isPausing && { pauses: endPause(pauses, last, now) }),
  };
}

/** Ends the last pause, or removes it if it has not begun yet. */
function endPause(pauses: readonly Pause[], last: Pause, now: number): readonly Pause[] {
  const before = pauses.slice(0, -1);
  return Date.parse(last.from) >= now ? before : [...before, { from: last.from, to: iso(now) }];
}

function lastPause({ pauses }: Contest): Pause | undefined {
  return pauses?.at(-1);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
