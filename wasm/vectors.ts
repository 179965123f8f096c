import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { CodecTable } from './codec.ts';
import { batchVectors } from './vectors-batch.ts';
import { jsonVectors } from './vectors-json.ts';
import { protobufVectors } from './vectors-protobuf.ts';

/** The contests that all vectors are about. */
export const VECTOR_TABLE: CodecTable = {
  partitions: 4,
  contests: [
    { id: 'cats-vs-dogs', rule: 'one-per-voter', options: ['cats', 'dogs'] },
    { id: 'bandas', rule: 'open', options: ['bohemia-suburbana', 'alux-nahual', 'constructor'] },
    { id: 'x'.repeat(64), rule: 'open', options: ['y'.repeat(64)] },
  ],
};

/** What a codec must make of a body. */
export interface Vector {
  readonly name: string;
  readonly call: 'encodeJson' | 'encodeNdjson' | 'encodeVote' | 'encodeCastVote' | 'encodeVotes';
  readonly body: Uint8Array;
  /** The votes, in their order, each with its place in the body where that differs. */
  readonly votes?: readonly ExpectedVote[];
  readonly failure?: ExpectedRejection;
  readonly rejected?: readonly ExpectedRejection[];
  readonly wait?: boolean;
}

export interface ExpectedVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  /** In the order of their keys' bytes. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly voteId?: string;
  readonly sequence?: number;
  readonly index?: number;
}

export interface ExpectedRejection {
  readonly index?: number;
  readonly code: ErrorCode;
  readonly offset: number;
  readonly field?: string;
}

/** What every codec must hold. Hostile inputs carry the number of their kind in the name, as `17:`. */
export const vectors: readonly Vector[] = [...jsonVectors, ...batchVectors, ...protobufVectors];
