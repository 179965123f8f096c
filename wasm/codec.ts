import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';

/**
 * What turns the bytes of votes, as a client sent them, into the bytes that the stream stores.
 *
 * Two implementations share this interface, the same vectors and the same property tests: `wasm-codec.ts` (the
 * AssemblyScript module in `assembly/`) and `ts-codec.ts`. For the same input both write the same bytes.
 *
 * A codec is synchronous and not re-entrant: what `encode*` returns is one object that the next call overwrites.
 */
export interface VoteCodec {
  readonly name: 'wasm' | 'typescript';

  /**
   * Tells the codec which contests and options exist, and over how many partitions to spread votes.
   * Replaces what was told before. `EncodedVotes.contest` holds indexes into `contests`. An id that breaks the rules
   * of ids can't be voted for and is left out. Throws a RangeError for a number of partitions that is out of range.
   */
  configure(table: CodecTable): void;

  /** One JSON object: `{"contest","choice","voter","attributes"?,"vote_id"?,"sequence"?}`. */
  encodeJson(body: Uint8Array): EncodedVotes;

  /** One JSON object a line, separated by LF or CRLF; blank lines are skipped. At most 10,000 votes. */
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
 * The outcome of one `encode*` call. Bad input is a value, never an exception: `failure` when the body as a whole was
 * refused (nothing was encoded), `rejected` for votes of a batch that were refused beside others that were not.
 * A body that holds one vote (`encodeJson`, `encodeVote`, `encodeCastVote`) is refused as a whole. A batch is refused
 * as a whole when it is too large, holds too many votes or none, or is protobuf that can't be read; a line of NDJSON
 * that can't be read is a rejected vote.
 */
export interface EncodedVotes {
  readonly failure: Rejection | undefined;
  /** The body that was read, which the offsets of rejections point into. */
  readonly body: Uint8Array;
  /** How many votes were encoded. */
  readonly count: number;
  /**
   * The encoded votes, one behind the other, each framed as an element of `VoteBatch.votes` (tag, length, vote), so
   * that bytes of several votes of one partition are a valid part of a VoteBatch as they stand. Fields in order of
   * their numbers, attributes in order of their keys' bytes, defaults left out. Valid until the next call, and only
   * its first `ends[count - 1]` bytes.
   */
  readonly bytes: Uint8Array;
  /** `ends[i]`: where vote i ends in `bytes`; it starts where the one before it ends. */
  readonly ends: Uint32Array;
  /**
   * `partition[i]`: where vote i belongs: hash(voter) mod partitions in a one-per-voter contest; hash(vote_id) mod
   * partitions in an open one, or `ANY_PARTITION` where it has no vote_id. The hash is XXH32 with seed 0 of the bytes.
   */
  readonly partition: Uint16Array;
  /** `contest[i]`: index into `CodecTable.contests`. */
  readonly contest: Uint16Array;
  /** `index[i]`: vote i's place in the body, counting the votes that were refused. */
  readonly index: Uint32Array;
  /** Votes of a batch that were refused, in order. */
  readonly rejected: readonly Rejection[];
  /** `wait` of a CastVoteRequest; false after the other calls. */
  readonly wait: boolean;
}

export const ANY_PARTITION = 0xffff;

/**
 * Why a vote or a body was refused. Where several things are wrong, what can't be read (grammar, UTF-8, a key twice,
 * nesting) stands above a broken rule; among these the first in the body counts (JSON) or the first field by number
 * (protobuf), and an unknown contest or option is told only where nothing else is wrong.
 */
export interface Rejection {
  /** Place in the batch, from 0; 0 for a single vote. */
  readonly index: number;
  readonly code: ErrorCode;
  /**
   * Byte in the body where the problem stands: the value, or the character in it that is not allowed, or the key; for
   * an absent field, where its object or message ends; for malformed protobuf, the tag of the field.
   */
  readonly offset: number;
  /**
   * Which field breaks the rule, as `voter` or `attributes.album`, or the unknown key; absent where it is not about one,
   * or where the key is not fit to be shown. Only characters of `[A-Za-z0-9._:-]`.
   */
  readonly field?: string;
}
