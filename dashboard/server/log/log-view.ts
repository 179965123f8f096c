import { hiddenResults } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { type Contest, resultsHidden } from '../../../store/contests/contest.ts';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import type { LogItem } from '../../api/log.ts';
import type { LogFilters } from './log-query.ts';

/** The current contests, which decide whether results are hidden. */
export interface Contests {
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
}

/** The API's view of a logged vote, without the choice while the results of its contest are hidden. */
export function logItem(vote: LoggedVote, contests: Contests): LogItem {
  const hidden = isHidden(contests.get(vote.contest));
  return {
    id: voteKey(vote),
    contest: vote.contest,
    choice: hidden ? null : vote.choice,
    voter: Buffer.from(vote.voter).toString('base64url'),
    attributes: hidden ? {} : vote.attributes,
    path: vote.path,
    edge: vote.edge,
    receivedAt: vote.receivedAt.toISOString(),
  };
}

/** The id of a logged vote, unique in the log. */
export function voteKey({ partition, epoch, entryId, index }: LoggedVote): string {
  return `p${partition}:${epoch}:${entryId}:${index}`;
}

/**
 * Rejects a filter by choice that would let callers count hidden results. Omitting rows instead would not help, because
 * the number of missing rows reveals the count.
 */
export function rejectHiddenChoice(
  { contest, choice }: Pick<LogFilters, 'contest' | 'choice'>,
  contests: Contests,
): Problem | undefined {
  if (choice === undefined) return undefined;
  const asked = contest === undefined ? contests.list() : [contests.get(contest)];
  const hidden = asked.find((one) => isHidden(one) && one?.options.some((option) => option.id === choice));
  if (hidden === undefined) return undefined;
  const problem = hiddenResults(hidden.id);
  const remedy = contest === undefined ? '; filter by another contest as well' : '';
  return { ...problem, detail: `${problem.detail}, so votes cannot be filtered by choice${remedy}` };
}

function isHidden(contest: Contest | undefined): boolean {
  return contest !== undefined && resultsHidden(contest, Date.now());
}
