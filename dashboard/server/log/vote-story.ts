import type { LoggedVote } from '../../../store/log/log-store.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { readEntryState, readVoteOutcome } from '../../../store/tally/receipt-status.ts';
import type { VoteStory } from '../../api/log.ts';
import type { Contests } from './log-view.ts';

/** Reads the outcome of a logged vote in the tally. */
export type ReadOutcome = (vote: LoggedVote) => Promise<VoteStory['outcome']>;

export function createOutcomeReader(redis: Redis, contests: Contests, voteIdWindowHours: number): ReadOutcome {
  return async (vote) => {
    const contest = contests.get(vote.contest);
    if (contest === undefined) return 'deleted';
    const { state } = await readEntryState(redis, vote);
    if (state === 'queued' || state === 'dead' || state === 'lost') return state;
    const { voter, voteId } = vote;
    return readVoteOutcome(redis, contest, vote, { voter, voteId, voteIdWindowHours });
  };
}

/** Parses the id of a logged vote; undefined if it is not one. */
export function parseVoteId(
  id: string,
): { partition: number; epoch: string; entryId: string; index: number } | undefined {
  const match = /^p(\d{1,4}):([A-Za-z0-9_-]{1,32}):(\d{1,16}-\d{1,16}):(\d{1,5})$/.exec(id);
  if (match === null) return undefined;
  const [, partition, epoch = '', entryId = '', index] = match;
  return { partition: Number(partition), epoch, entryId, index: Number(index) };
}
