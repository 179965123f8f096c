import type { ContestSummary } from '../../../../../api/contests.ts';

export interface ContestSearch {
  readonly text: string;
  /** Empty: any. */
  readonly status: ContestSummary['status'] | '';
}

export const NO_SEARCH: ContestSearch = { text: '', status: '' };

const STATUS_ORDER: readonly ContestSummary['status'][] = ['open', 'paused', 'scheduled', 'closed'];

/** Open contests first, then scheduled, then closed; within each group the most recently active first. */
export function orderContests(contests: readonly ContestSummary[]): readonly ContestSummary[] {
  const rank = ({ status }: ContestSummary) => STATUS_ORDER.indexOf(status);
  const activity = ({ activeAt }: ContestSummary) => (activeAt === null ? 0 : Date.parse(activeAt));
  return [...contests].sort((a, b) => rank(a) - rank(b) || activity(b) - activity(a) || (a.id < b.id ? -1 : 1));
}

/** Contests with the text in title or id, regardless of case and accents. */
export function searchContests(
  contests: readonly ContestSummary[],
  { text, status }: ContestSearch,
): readonly ContestSummary[] {
  const wanted = plain(text.trim());
  return contests.filter(
    (contest) =>
      (status === '' || contest.status === status) &&
      (plain(contest.title).includes(wanted) || contest.id.includes(wanted)),
  );
}

function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
