import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BatchReader, NO_ATTRIBUTES } from '../../wasm/batch/batch-reader.ts';
import { VOTER_KEY_BYTES, type VoterKeys } from '../../wasm/mac/voter-key.ts';

/** A VoteBatch as the handlers need it. */
interface DecodedBatch {
  readonly path: Path;
  readonly edge: string;
  /** Milliseconds since 1970, by the edge's clock. */
  readonly receivedAt: number;
  readonly notify: boolean;
  readonly votes: readonly DecodedVote[];
}

interface DecodedVote {
  readonly contest: string;
  readonly choice: string;
  /** The voter's key, 16 bytes. */
  readonly voter: Uint8Array;
  /** Empty if the vote has none. */
  readonly voteId: string;
  readonly sequence: number;
  /** Empty if the decoder skips attributes. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Decodes entries and replaces voter ids with voter keys. */
export class BatchDecoder {
  readonly #reader = new BatchReader();
  readonly #voterKeys: VoterKeys;
  readonly #withAttributes: boolean;

  /** The tally needs no attributes, and decoding them takes longer than everything else. */
  constructor(voterKeys: VoterKeys, options: { readonly withAttributes: boolean }) {
    this.#voterKeys = voterKeys;
    this.#withAttributes = options.withAttributes;
  }

  /** The batch, or the reason why these bytes are not a batch that an edge wrote. */
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
        attributes: this.#withAttributes ? reader.attributes(i) : NO_ATTRIBUTES,
      });
    }
    return { path, edge, receivedAt, notify, votes };
  }
}
