import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BatchReader } from '../../wasm/batch-reader.ts';
import { VOTER_KEY_BYTES, type VoterKeys } from '../../wasm/mac/voter-key.ts';

/** A VoteBatch as the workers need it. */
export interface DecodedBatch {
  readonly path: Path;
  readonly edge: string;
  /** Milliseconds since 1970, by the edge's clock. */
  readonly receivedAt: number;
  readonly notify: boolean;
  readonly votes: readonly DecodedVote[];
}

export interface DecodedVote {
  readonly contest: string;
  readonly choice: string;
  /** The voter's key, 16 bytes. */
  readonly voter: Uint8Array;
  /** Empty where the vote has none. */
  readonly voteId: string;
  readonly sequence: number;
  /** Empty where the decoder was not to read them. */
  readonly attributes: Readonly<Record<string, string>>;
}

const NOT_READ: DecodedVote['attributes'] = Object.freeze({});

/** Reads entries, with the voters' ids turned into their keys. */
export class BatchDecoder {
  readonly #reader = new BatchReader();
  readonly #voterKeys: VoterKeys;
  readonly #withAttributes: boolean;

  /** The count needs no attributes, and they take longer than all the rest. */
  constructor(voterKeys: VoterKeys, options: { readonly withAttributes: boolean }) {
    this.#voterKeys = voterKeys;
    this.#withAttributes = options.withAttributes;
  }

  /** The batch; or, in words, why these bytes are not one that an edge wrote. */
  decode(bytes: Uint8Array): DecodedBatch | string {
    const reader = this.#reader;
    const problem = reader.read(bytes);
    if (problem !== undefined) return problem;
    const { path, edge, receivedAt, notify, count } = reader;
    const keys = this.#voterKeys.keysOf(bytes, reader.voterStarts, reader.voterEnds, count);
    const votes: DecodedVote[] = [];
    for (let i = 0; i < count; i++) {
      votes.push({
        contest: reader.contest(i),
        choice: reader.choice(i),
        voter: keys.subarray(i * VOTER_KEY_BYTES, (i + 1) * VOTER_KEY_BYTES),
        voteId: reader.voteId(i),
        sequence: reader.sequence(i),
        attributes: this.#withAttributes ? reader.attributes(i) : NOT_READ,
      });
    }
    return { path, edge, receivedAt, notify, votes };
  }
}
