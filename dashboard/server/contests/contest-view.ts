import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { ContestSummary, ContestView } from '../../api/contests.ts';

/** The contest with its status at `now` (milliseconds since 1970). */
export function contestView(contest: Contest, now: number): ContestView {
  return { ...contest, status: contestStatus(contest, now), resultsHidden: resultsHidden(contest, now) };
}

/** The contest without its options, for lists. `activeAt`: the last known change of its counts. */
export function contestSummary(contest: Contest, now: number, activeAt: number | null = null): ContestSummary {
  const { options, ...view } = contestView(contest, now);
  return {
    ...view,
    optionCount: options.length,
    activeAt: activeAt === null ? null : new Date(activeAt).toISOString(),
  };
}
