import { createHmac } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { type Path, VoteBatchSchema } from '../proto/gen/votewire/v1/vote_pb.ts';

/** A VoteBatch as the workers need it. */
export interface DecodedBatch {
  readonly path: Path;
  readonly edge: string;
  readonly receivedAt: number;
  readonly notify: boolean;
  readonly votes: readonly DecodedVote[];
}

export interface DecodedVote {
  readonly contest: string;
  readonly choice: string;
  /** Voter key, 16 bytes. */
  readonly voter: Uint8Array;
  readonly voteId: string;
  readonly sequence: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Reads the bytes of entries. What is not a VoteBatch of votes that an edge lets through comes back as the reason. */
export type BatchDecoder = (bytes: Uint8Array) => DecodedBatch | string;

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export function createBatchDecoder(secret: Uint8Array): BatchDecoder {
  const key = createHmac('sha256', secret).update('votewire voter key').digest();
  const voterKey = (voter: string) => createHmac('sha256', key).update(voter).digest().subarray(0, 16);
  return (bytes) => {
    try {
      const batch = fromBinary(VoteBatchSchema, bytes, { readUnknownFields: false });
      const votes: DecodedVote[] = [];
      for (const vote of batch.votes) {
        if (!ID.test(vote.contest) || !ID.test(vote.choice) || vote.sequence > Number.MAX_SAFE_INTEGER) {
          return `vote ${votes.length} has a contest, choice or sequence that no edge lets through`;
        }
        const { contest, choice, voteId, attributes } = vote;
        votes.push({
          contest,
          choice,
          voteId,
          attributes,
          voter: voterKey(vote.voter),
          sequence: Number(vote.sequence),
        });
      }
      if (votes.length === 0) return 'the entry holds no votes';
      const { path, edge, receivedAt, notify } = batch;
      return { path, edge, receivedAt: Number(receivedAt), notify, votes };
    } catch (error) {
      return `not a VoteBatch: ${error instanceof Error ? error.message : error}`;
    }
  };
}
