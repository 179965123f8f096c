import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import { contestTag } from '../../../store/contests/fields/contest-tag.ts';
import type { ContestSummary, ContestView } from '../../api/contests.ts';

/** The contest with its status at `now` (milliseconds since 1970), and its short code if it is known. */
export function contestView(contest: Contest, now: number, code?: string): ContestView {
  const [status, hidden] = [contestStatus(contest, now), resultsHidden(contest, now)];
  return { ...contest, status, resultsHidden: hidden, tag: contestTag(contest), ...(code !== undefined && { code }) };
}

/** The contest without its options, for lists. `activeAt`: the last known change of its counts. */
export function contestSummary(contest: Contest, now: number, activeAt: number | null = null): ContestSummary {
  const { options, pauses, countsFrom, tag, ...view } = contestView(contest, now);
  return {
    ...view,
    optionCount: options.length,
    activeAt: activeAt === null ? null : new Date(activeAt).toISOString(),
  };
}
