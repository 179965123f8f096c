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
  /** Has the votes that were trimmed from the stream. A vote in neither was handled and is `counted`. */
  readonly log: Pick<LogStore, 'vote'>;
  readonly voters: VoterKeys;
  readonly voteIdWindowHours: number;
}

/** The state of a vote, without its choice. */
export interface ReceiptState {
  readonly status: ReceiptStatus;
  /**
   * The edge that accepted the vote. Like the contest, undefined if the vote is neither in the stream nor in the log.
   */
  readonly edge: string | undefined;
  readonly contest: string | undefined;
}

/**
 * Looks up the vote at a place. Undefined if the vote is unknown: the stream was lost and the log does not have it.
 * Rejects while Redis or the log is unavailable.
 */
export type ReceiptLookup = (place: VotePlace) => Promise<ReceiptState | undefined>;

interface FoundVote {
  readonly edge: string;
  readonly contest: string;
  readonly voter: Uint8Array;
  readonly voteId: string;
}

export function createReceiptLookup(options: ReceiptLookupOptions): ReceiptLookup {
  const { redis, contests, log, voters, voteIdWindowHours } = options;
  return async (place) => {
    const { state, bytes } = await readEntryState(redis, place);
    const isOpen = state === 'queued' || state === 'dead';
    const inStream = bytes === undefined ? undefined : readVote(bytes, place.index, voters);
    const vote = inStream ?? (isOpen ? undefined : await log.vote(place, place.index));
    const about = { edge: vote?.edge, contest: vote?.contest };
    if (isOpen) return { ...about, status: state };
    const contest = vote && contests.get(vote.contest);
    if (vote === undefined || contest === undefined)
      return state === 'lost' ? undefined : { ...about, status: 'counted' };
    return { ...about, status: await readVoteOutcome(redis, contest, place, { ...vote, voteIdWindowHours }) };
  };
}

function readVote(bytes: Buffer, index: number, voters: VoterKeys): FoundVote | undefined {
  const { edge, votes } = fromBinary(VoteBatchSchema, bytes);
  const vote = votes[index];
  return vote && { edge, contest: vote.contest, voter: voters.keyOf(Buffer.from(vote.voter)), voteId: vote.voteId };
}
