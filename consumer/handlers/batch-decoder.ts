import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BatchReader, type IdPair, NO_ATTRIBUTES } from '../../wasm/batch/batch-reader.ts';
import { VOTER_KEY_BYTES, type VoterKeys } from '../../wasm/mac/voter-key.ts';

/** The content of a VoteBatch that the handlers need. */
interface DecodedBatch {
  readonly path: Path;
  readonly edge: string;
  /** Milliseconds since 1970, by the edge's clock. */
  readonly receivedAt: number;
  readonly notify: boolean;
  readonly votes: readonly DecodedVote[];
}

/** The votes of a batch as columns. A column is undefined if no vote has a value. */
interface VoteColumns {
  readonly pairs: readonly IdPair[];
  /** The index of each vote's pair. */
  readonly pairOf: readonly number[];
  /**
   * Returns all voter keys in one array. Computed at the first call, because the tally of an open contest needs none.
   */
  readonly voterKeys: () => Uint8Array;
  readonly voteIds: readonly string[] | undefined;
  readonly sequences: readonly number[] | undefined;
  readonly attributes: readonly Readonly<Record<string, string>>[] | undefined;
}

/**
 * A view of one vote in the columns. Thousands of votes are in memory while Redis or the log is busy: as an object with
 * values, a vote would take five times the memory, and its garbage collection as long as its decoding.
 */
class DecodedVote {
  readonly #columns: VoteColumns;
  readonly #index: number;

  constructor(columns: VoteColumns, index: number) {
    this.#columns = columns;
    this.#index = index;
  }

  get contest(): string {
    return this.#pair.contest;
  }

  get choice(): string {
    return this.#pair.choice;
  }

  /** The voter's key, 16 bytes. */
  get voter(): Uint8Array {
    const start = this.#index * VOTER_KEY_BYTES;
    return this.#columns.voterKeys().subarray(start, start + VOTER_KEY_BYTES);
  }

  /** Empty if the vote has none. */
  get voteId(): string {
    return this.#columns.voteIds?.[this.#index] ?? '';
  }

  get sequence(): number {
    return this.#columns.sequences?.[this.#index] ?? 0;
  }

  /** Empty if the decoder skips attributes. */
  get attributes(): Readonly<Record<string, string>> {
    return this.#columns.attributes?.[this.#index] ?? NO_ATTRIBUTES;
  }

  get #pair(): IdPair {
    return this.#columns.pairs[this.#columns.pairOf[this.#index] as number] as IdPair;
  }
}

/** Decodes entries and replaces voter ids with voter keys. */
export class BatchDecoder {
  readonly #reader = new BatchReader();
  readonly #voterKeys: VoterKeys;
  readonly #withAttributes: boolean;

  /** The tally does not need attributes, and decoding them takes longer than everything else. */
  constructor(voterKeys: VoterKeys, options: { readonly withAttributes: boolean }) {
    this.#voterKeys = voterKeys;
    this.#withAttributes = options.withAttributes;
  }

  /** Decodes a batch. Returns the reason as a string if no edge can have written these bytes. */
  decode(bytes: Uint8Array): DecodedBatch | string {
    const reader = this.#reader;
    const problem = reader.read(bytes);
    if (problem !== undefined) return problem;
    const { path, edge, receivedAt, notify, count, pairs, pairOf } = reader;
    const column = <T>(has: boolean, read: (index: number) => T) =>
      has ? Array.from({ length: count }, (_, index) => read(index)) : undefined;
    const columns: VoteColumns = {
      pairs,
      pairOf,
      voterKeys: this.#lazyKeys(bytes, reader.voterStarts.slice(0, count), reader.voterEnds.slice(0, count)),
      voteIds: column(reader.hasVoteIds, (index) => reader.voteId(index)),
      sequences: column(reader.hasSequences, (index) => reader.sequence(index)),
      attributes: column(this.#withAttributes && reader.hasAttributes, (index) => reader.attributes(index)),
    };
    const votes = pairOf.map((_, index) => new DecodedVote(columns, index));
    return { path, edge, receivedAt, notify, votes };
  }

  #lazyKeys(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array): () => Uint8Array {
    let keys: Uint8Array | undefined;
    return () => {
      keys ??= this.#voterKeys.keysOf(bytes, starts, ends, starts.length);
      return keys;
    };
  }
}
