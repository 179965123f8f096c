import { type Contest, contestStatus } from '../../../store/contests/contest.ts';
import type { ContestView } from '../../api/contests.ts';

/** The contest with its status at `now` (milliseconds since 1970). */
export function contestView(contest: Contest, now: number): ContestView {
  const status = contestStatus(contest, now);
  return { ...contest, status, resultsHidden: contest.hidden && status !== 'closed' };
}
