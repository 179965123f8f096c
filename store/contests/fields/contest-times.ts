import { type Contest, contestStatus, type Pause } from '../contest.ts';

/** Delay between a call of `close`, `pause` or `reset` and its effect, in which every partition gets the new rule. */
export const CLOSE_DELAY_MS = 500;

/** Pauses of one contest; each is part of its rule, which the tally reads with every call. */
export const MAX_PAUSES = 64;

/**
 * The contest closed at `now` (milliseconds since 1970, by Redis's clock), after a delay if it is open, so that every
 * partition has the new rule before it takes effect. The same contest if it is closed.
 */
export function closed(contest: Contest, now: number): Contest {
  const status = contestStatus(contest, now);
  if (status === 'closed') return contest;
  // Before the opening no vote was accepted that still has to be counted, so the close needs no delay.
  if (status === 'scheduled') return { ...contest, opensAt: null, closesAt: iso(now - CLOSE_DELAY_MS) };
  const delayed = now + CLOSE_DELAY_MS;
  return {
    ...contest,
    closesAt: iso(contest.closesAt === null ? delayed : Math.min(delayed, Date.parse(contest.closesAt))),
  };
}

/** The contest paused after the delay. The same contest if it is not open, undefined if it has too many pauses. */
export function paused(contest: Contest, now: number): Contest | undefined {
  const { pauses = [] } = contest;
  if (contestStatus(contest, now) !== 'open' || lastPause(contest)?.to === null) return contest;
  if (pauses.length === MAX_PAUSES) return undefined;
  return { ...contest, pauses: [...pauses, { from: iso(now + CLOSE_DELAY_MS), to: null }] };
}

/**
 * The contest open at `now`: a pause ends, an opening time in the future is removed, and so is a closing time in the past.
 * An opening time in the past stays: votes accepted since then may not be counted yet, and would become late.
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

/** A pause that has not begun yet is dropped. */
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
