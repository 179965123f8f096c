import { VOTER_KEY_BYTES, type VoterKeys } from '../wasm/voter-key.ts';
import { Interner } from './interner.ts';
import { WireReader } from './wire-reader.ts';

/** A VoteBatch as the workers need it. */
export interface DecodedBatch {
  /** A `Path` of vote.proto. */
  readonly path: number;
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
  readonly voteId: string;
  readonly sequence: number;
  readonly attributes: Readonly<Record<string, string>>;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const NO_KEY = new Uint8Array(0);
const NO_ATTRIBUTES: DecodedVote['attributes'] = Object.freeze({});

/**
 * Reads VoteBatches in one pass, with the voters' ids turned into their keys all at once. Written for this one message:
 * generated code takes several times as long, and makes a string of each voter's id that nobody needs.
 */
export class BatchReader {
  readonly #voterKeys: VoterKeys;
  readonly #ids = new Interner((text) => ID.test(text));
  readonly #wire = new WireReader();
  #starts = new Uint32Array(1024);
  #ends = new Uint32Array(1024);

  constructor(voterKeys: VoterKeys) {
    this.#voterKeys = voterKeys;
  }

  /** The batch; or, in words, why these bytes are not one that an edge wrote. */
  read(bytes: Buffer): DecodedBatch | string {
    const wire = this.#wire;
    wire.start(bytes);
    let path = 0;
    let edge = '';
    let receivedAt = 0;
    let notify = false;
    const votes: Writable<DecodedVote>[] = [];
    while (wire.at < wire.end) {
      const tag = wire.varint();
      if (tag === 0x22) {
        const length = wire.length();
        const problem = this.#readVote(wire.at + length, votes);
        if (problem !== undefined) return `vote ${votes.length}: ${problem}`;
      } else if (tag === 0x08) path = wire.varint();
      else if (tag === 0x12) edge = this.#readText();
      else if (tag === 0x18) receivedAt = wire.varint();
      else if (tag === 0x28) notify = wire.varint() !== 0;
      else wire.skip(tag);
    }
    if (wire.failure !== '') return `not a VoteBatch: ${wire.failure}`;
    if (votes.length === 0) return 'it holds no votes';
    const keys = this.#voterKeys.keysOf(bytes, this.#starts, this.#ends, votes.length);
    for (const [i, vote] of votes.entries()) vote.voter = keys.subarray(i * VOTER_KEY_BYTES, (i + 1) * VOTER_KEY_BYTES);
    return { path, edge, receivedAt, notify, votes };
  }

  #readVote(voteEnd: number, votes: Writable<DecodedVote>[]): string | undefined {
    const wire = this.#wire;
    const batchEnd = wire.end;
    wire.end = voteEnd;
    let contest: string | undefined;
    let choice: string | undefined;
    let voterStart = 0;
    let voterEnd = 0;
    let voteId = '';
    let sequence = 0;
    let attributes = NO_ATTRIBUTES;
    while (wire.at < voteEnd) {
      const tag = wire.varint();
      if (tag === 0x0a) contest = this.#readId();
      else if (tag === 0x12) choice = this.#readId();
      else if (tag === 0x1a) {
        const length = wire.length();
        voterStart = wire.at;
        voterEnd = wire.at += length;
      } else if (tag === 0x22) attributes = this.#readAttribute(attributes);
      else if (tag === 0x2a) voteId = this.#readText();
      else if (tag === 0x30) sequence = wire.varint();
      else wire.skip(tag);
    }
    wire.end = batchEnd;
    if (wire.failure !== '') return wire.failure;
    if (contest === undefined || choice === undefined) return 'no contest or choice that an edge lets through';
    if (voterStart === voterEnd) return 'no voter';
    this.#noteVoter(votes.length, voterStart, voterEnd);
    votes.push({ contest, choice, voter: NO_KEY, voteId, sequence, attributes });
    return undefined;
  }

  #readId(): string | undefined {
    const wire = this.#wire;
    const length = wire.length();
    const start = wire.at;
    wire.at += length;
    return this.#ids.text(wire.bytes, start, wire.at);
  }

  #readText(): string {
    const wire = this.#wire;
    const length = wire.length();
    const start = wire.at;
    wire.at += length;
    return wire.bytes.toString('utf8', start, wire.at);
  }

  /** One pair of the map: a message of key = 1 and value = 2. */
  #readAttribute(others: DecodedVote['attributes']): DecodedVote['attributes'] {
    const wire = this.#wire;
    const length = wire.length();
    const outerEnd = wire.end;
    wire.end = wire.at + length;
    let key = '';
    let value = '';
    while (wire.at < wire.end) {
      const tag = wire.varint();
      if (tag === 0x0a) key = this.#readText();
      else if (tag === 0x12) value = this.#readText();
      else wire.skip(tag);
    }
    wire.end = outerEnd;
    // Attributes are data: a key `__proto__` is one like any other.
    return Object.defineProperty({ ...others }, key, { value, enumerable: true });
  }

  #noteVoter(vote: number, start: number, end: number): void {
    if (vote === this.#starts.length) {
      const grow = (old: Uint32Array<ArrayBuffer>) => {
        const larger = new Uint32Array(old.length * 2);
        larger.set(old);
        return larger;
      };
      this.#starts = grow(this.#starts);
      this.#ends = grow(this.#ends);
    }
    this.#starts[vote] = start;
    this.#ends[vote] = end;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
