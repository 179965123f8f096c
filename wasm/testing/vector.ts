import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';

/** The expected result for a body. */
export interface Vector {
  readonly name: string;
  readonly call: 'encodeJson' | 'encodeNdjson' | 'encodeVote' | 'encodeCastVote' | 'encodeVotes';
  readonly body: Uint8Array;
  /** The votes in order, each with its index in the body if that differs. */
  readonly votes?: readonly ExpectedVote[];
  readonly failure?: ExpectedRejection;
  readonly rejected?: readonly ExpectedRejection[];
  readonly wait?: boolean;
}

export interface ExpectedVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  /** In the byte order of their keys. */
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
