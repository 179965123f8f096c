import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';

/**
 * Turns the bytes of votes, as a client sent them, into the bytes that the stream stores.
 *
 * Two implementations share this interface, the same vectors and the same property tests: `wasm-codec.ts` (the
 * AssemblyScript module in `assembly/`) and `ts-codec.ts`. For the same input both write the same bytes.
 *
 * A codec is synchronous and not re-entrant: `encode*` always returns the same object, which the next call overwrites.
 */
export interface VoteCodec {
  readonly name: 'wasm' | 'typescript';

  /**
   * Sets the contests, their options and the number of partitions; replaces the previous configuration.
   * `EncodedVotes.contest` holds indexes into `contests`. Contests and options with invalid ids are left out. Throws a
   * RangeError if the number of partitions is out of range.
   */
  configure(table: CodecTable): void;

  /** One JSON object: `{"contest","choice","voter","attributes"?,"vote_id"?,"sequence"?}`. */
  encodeJson(body: Uint8Array): EncodedVotes;

  /** One JSON object per line, separated by LF or CRLF; blank lines are skipped. At most 10,000 votes. */
  encodeNdjson(body: Uint8Array): EncodedVotes;

  /** One protobuf `votewire.v1.Vote`. */
  encodeVote(body: Uint8Array): EncodedVotes;

  /** One protobuf `CastVoteRequest`: its vote, and `EncodedVotes.wait`. */
  encodeCastVote(body: Uint8Array): EncodedVotes;

  /** A protobuf `CastVotesRequest` (or `StreamVotesRequest`, which has the same shape): `repeated Vote votes = 1`. */
  encodeVotes(body: Uint8Array): EncodedVotes;
}

export interface CodecTable {
  /** 1 to 1024. */
  readonly partitions: number;
  readonly contests: readonly {
    readonly id: string;
    readonly rule: 'one-per-voter' | 'open';
    readonly options: readonly string[];
  }[];
}

/**
 * The outcome of one `encode*` call. Bad input is a value, never an exception: `failure` if the whole body was rejected
 * (nothing was encoded), `rejected` for the rejected votes of a batch.
 * A body that holds one vote (`encodeJson`, `encodeVote`, `encodeCastVote`) is rejected as a whole. A batch is rejected
 * as a whole if it is too large, has too many votes or none, or is malformed protobuf; a malformed line of NDJSON is a
 * rejected vote.
 */
export interface EncodedVotes {
  readonly failure: Rejection | undefined;
  /** The body; offsets of rejections point into it. */
  readonly body: Uint8Array;
  /** How many votes were encoded. */
  readonly count: number;
  /**
   * The encoded votes, consecutive, each framed as an element of `VoteBatch.votes` (tag, length, vote), so that the
   * bytes of several votes of one partition are a valid part of a VoteBatch. Fields are in number order, attributes in
   * the byte order of their keys, defaults omitted. Valid until the next call, and only
   * its first `ends[count - 1]` bytes.
   */
  readonly bytes: Uint8Array;
  /** `ends[i]`: end of vote i in `bytes`; it starts at the end of the previous one. */
  readonly ends: Uint32Array;
  /**
   * `partition[i]`: the partition of vote i: hash(voter) mod partitions in a one-per-voter contest; hash(vote_id) mod
   * partitions in an open one, or `ANY_PARTITION` if it has no vote_id. The hash is XXH32 with seed 0 of the bytes.
   */
  readonly partition: Uint16Array;
  /** `contest[i]`: index into `CodecTable.contests`. */
  readonly contest: Uint16Array;
  /** `index[i]`: position of vote i in the body, rejected votes included. */
  readonly index: Uint32Array;
  /** Rejected votes of a batch, in order. */
  readonly rejected: readonly Rejection[];
  /** `wait` of a CastVoteRequest; false after the other calls. */
  readonly wait: boolean;
}

export const ANY_PARTITION = 0xffff;

/**
 * Why a vote or a body was rejected. Malformed input (grammar, UTF-8, a duplicate key, nesting) takes precedence over a
 * broken rule; among broken rules the first in the body (JSON) or by field number (protobuf) is reported, and an unknown
 * contest or option only if nothing else is wrong.
 */
export interface Rejection {
  /** Index in the batch; 0 for a single vote. */
  readonly index: number;
  readonly code: ErrorCode;
  /**
   * Byte offset of the problem in the body: the value, the invalid character in it, or the key; for an absent field, the
   * end of its object or message; for malformed protobuf, the tag of the field.
   */
  readonly offset: number;
  /**
   * The field, as `voter` or `attributes.album`, or the unknown key; absent if the problem concerns no field or the key
   * is not safe to repeat. Only characters of `[A-Za-z0-9._:-]`.
   */
  readonly field?: string;
}
