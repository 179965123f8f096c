import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { ContestView } from '../../api/contests.ts';

/** The contest with its status at `now` (milliseconds since 1970). */
export function contestView(contest: Contest, now: number): ContestView {
  return { ...contest, status: contestStatus(contest, now), resultsHidden: resultsHidden(contest, now) };
}
