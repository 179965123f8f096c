import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, resultsHidden } from '../../../store/contests/contest.ts';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import type { LogItem } from '../../api.ts';
import type { Refusal } from '../http/problem.ts';
import type { LogRequest } from './log-query.ts';

/** What decides whether a contest's results are hidden: the contests as they are now. */
export interface Contests {
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
}

/** A logged vote as the API shows it. While its contest's results are hidden, it does not say what was voted. */
export function logItem(vote: LoggedVote, contests: Contests): LogItem {
  const hidden = isHidden(contests.get(vote.contest));
  return {
    id: `p${vote.partition}:${vote.epoch}:${vote.entryId}:${vote.index}`,
    contest: vote.contest,
    choice: hidden ? null : vote.choice,
    voter: Buffer.from(vote.voter).toString('base64url'),
    attributes: hidden ? {} : vote.attributes,
    path: vote.path,
    edge: vote.edge,
    receivedAt: vote.receivedAt.toISOString(),
  };
}

/**
 * Refuses a filter by choice where hidden results could be counted with it. Leaving rows out instead would not do: how
 * many are missing from a page tells how many there are.
 */
export function refuseHiddenChoice(
  request: Pick<LogRequest, 'contest' | 'choice'>,
  contests: Contests,
): Refusal | undefined {
  if (request.choice === undefined) return undefined;
  const asked = request.contest === undefined ? contests.list() : [contests.get(request.contest)];
  const hidden = asked.find(
    (contest) => isHidden(contest) && contest?.options.some((option) => option.id === request.choice),
  );
  if (hidden === undefined) return undefined;
  const remedy = request.contest === undefined ? ' Name another contest beside the choice.' : '';
  const detail = `The results of "${hidden.id}" are hidden until it closes, so votes can't be picked by choice.${remedy}`;
  return { code: ErrorCode.RESULTS_HIDDEN, detail };
}

function isHidden(contest: Contest | undefined): boolean {
  return contest !== undefined && resultsHidden(contest, Date.now());
}
