import { fromBinary } from '@bufbuild/protobuf';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { ContestStore } from '../../store/contests/contest-store.ts';
import type { LogStore } from '../../store/log/log-store.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { readEntryState, readVoteOutcome, type VotePlace } from '../../store/tally/receipt-status.ts';
import type { VoterKeys } from '../../wasm/mac/voter-key.ts';
import type { ReceiptStatus } from '../vote/ingress.ts';

interface ReceiptLookupOptions {
  readonly redis: Redis;
  readonly contests: Pick<ContestStore, 'get'>;
  /** Has the votes trimmed from the stream. A vote in neither was handled: `counted`. */
  readonly log: Pick<LogStore, 'vote'>;
  readonly voters: VoterKeys;
  readonly voteIdWindowHours: number;
}

/**
 * Looks up the status of the vote at a place. Undefined if no such vote is known: the stream was lost and the log does
 * not have it. Rejects while Redis or the log is unavailable.
 */
export type ReceiptLookup = (place: VotePlace) => Promise<ReceiptStatus | undefined>;

interface FoundVote {
  readonly contest: string;
  readonly voter: Uint8Array;
  readonly voteId: string;
}

export function createReceiptLookup(options: ReceiptLookupOptions): ReceiptLookup {
  const { redis, contests, log, voters, voteIdWindowHours } = options;
  return async (place) => {
    const { state, bytes } = await readEntryState(redis, place);
    if (state === 'queued' || state === 'dead') return state;
    const vote = bytes === undefined ? await log.vote(place, place.index) : readVote(bytes, place.index, voters);
    if (vote === undefined) return state === 'lost' ? undefined : 'counted';
    const contest = contests.get(vote.contest);
    if (contest === undefined) return state === 'lost' ? undefined : 'counted';
    return await readVoteOutcome(redis, contest, place, { ...vote, voteIdWindowHours });
  };
}

function readVote(bytes: Buffer, index: number, voters: VoterKeys): FoundVote | undefined {
  const vote = fromBinary(VoteBatchSchema, bytes).votes[index];
  return vote && { contest: vote.contest, voter: voters.keyOf(Buffer.from(vote.voter)), voteId: vote.voteId };
}
