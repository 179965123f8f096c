import type { LogEntryVote } from './log-store.ts';

/**
 * The format in which SQLite stores the votes of an entry: one blob with columns, so that a filter reads only its
 * column. A row per vote costs about five times as much to write.
 *
 * ```
 * u8      version, 1
 * varint  number of pairs; each: contest, choice                  (string: varint length, UTF-8)
 * varint  number of votes, n
 * n x u16 pair of each vote, little-endian
 * n x 16  voter key of each vote
 * n x     varint sequence, string vote_id, varint number of attributes; each: key, value
 * ```
 */
export const VOTER_KEY_BYTES = 16;

const VERSION = 1;
const MAX_PAIRS = 0xffff;

/** Writes packed entries into one growing buffer that can be transferred to a worker. */
export class VotePacker {
  #bytes: Buffer;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacity, 1024));
  }

  /** The offset at which the next entry starts. */
  get end(): number {
    return this.#end;
  }

  /** Packs the votes of one entry. Each voter key must be 16 bytes long. */
  add(votes: readonly LogEntryVote[]): void {
    const { pairs, pairOf } = pairsOf(votes);
    this.#reserve(16);
    this.#bytes[this.#end++] = VERSION;
    this.#varint(pairs.length);
    for (const pair of pairs) {
      this.#string(pair.contest);
      this.#string(pair.choice);
    }
    this.#reserve(10 + votes.length * (2 + VOTER_KEY_BYTES));
    this.#varint(votes.length);
    for (const pair of pairOf) this.#end = this.#bytes.writeUInt16LE(pair, this.#end);
    for (const { voter } of votes) {
      // Calling set() takes longer than copying 16 bytes.
      for (let i = 0; i < VOTER_KEY_BYTES; i++) this.#bytes[this.#end + i] = voter[i] ?? 0;
      this.#end += VOTER_KEY_BYTES;
    }
    for (const vote of votes) this.#rest(vote);
  }

  /** Returns the packed entries in a buffer of their exact size, which no pool shares. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer as ArrayBuffer, 0, this.#end);
  }

  #rest(vote: LogEntryVote): void {
    this.#reserve(32);
    if (vote.sequence === 0 && vote.voteId === '' && isEmpty(vote.attributes)) {
      this.#bytes[this.#end] = 0;
      this.#bytes[this.#end + 1] = 0;
      this.#bytes[this.#end + 2] = 0;
      this.#end += 3;
      return;
    }
    this.#varint(vote.sequence);
    this.#string(vote.voteId);
    const names = Object.keys(vote.attributes);
    this.#reserve(10);
    this.#varint(names.length);
    for (const name of names) {
      this.#string(name);
      this.#string(vote.attributes[name] ?? '');
    }
  }

  #string(text: string): void {
    // One UTF-16 unit takes at most 3 bytes in UTF-8.
    this.#reserve(10 + text.length * 3);
    if (text.length === 0) {
      this.#bytes[this.#end++] = 0;
    } else if (text.length * 3 < 128) {
      // The length of a short text fits into one byte, so the text is written first and its length in front of it.
      const length = this.#bytes.write(text, this.#end + 1);
      this.#bytes[this.#end] = length;
      this.#end += 1 + length;
    } else {
      this.#varint(Buffer.byteLength(text));
      this.#end += this.#bytes.write(text, this.#end);
    }
  }

  /** Writes up to 2^53 - 1, so it uses arithmetic: shifts are limited to 32 bits. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#end++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#end++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** A contest and choice that occur in an entry. */
export interface VotePair {
  readonly contest: string;
  readonly choice: string;
}

function pairsOf(votes: readonly LogEntryVote[]): { pairs: VotePair[]; pairOf: Uint16Array } {
  const pairs: VotePair[] = [];
  const known = new Map<string, Map<string, number>>();
  const pairOf = new Uint16Array(votes.length);
  let lastContest: string | undefined;
  let choices = new Map<string, number>();
  for (let index = 0; index < votes.length; index++) {
    const { contest = '', choice = '' } = votes[index] ?? {};
    // Most entries have votes for one contest.
    if (contest !== lastContest) {
      choices = known.get(contest) ?? new Map();
      known.set(contest, choices);
      lastContest = contest;
    }
    let pair = choices.get(choice);
    if (pair === undefined) {
      if (pairs.length > MAX_PAIRS)
        throw new RangeError(`An entry must have at most ${MAX_PAIRS} pairs of contest and choice`);
      pair = pairs.push({ contest, choice }) - 1;
      choices.set(choice, pair);
    }
    pairOf[index] = pair;
  }
  return { pairs, pairOf };
}

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  for (const _name in record) return false;
  return true;
}

/** Reads a packed entry. `vote(i)` decodes one vote; the columns can be read without decoding. */
export class PackedVotes {
  readonly pairs: readonly VotePair[];
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #pairColumn: number;
  readonly #voterColumn: number;
  #at: number;
  /** Offsets of the variable part of the votes found so far: to find one, all votes before it are skipped. */
  readonly #rests: number[];

  constructor(packed: Uint8Array) {
    this.#bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
    if (this.#bytes[0] !== VERSION) throw new Error(`Packed votes must have version ${VERSION}; got ${this.#bytes[0]}`);
    this.#at = 1;
    const pairs: VotePair[] = [];
    for (let left = this.#varint(); left > 0; left--) pairs.push({ contest: this.#string(), choice: this.#string() });
    this.pairs = pairs;
    this.count = this.#varint();
    this.#pairColumn = this.#at;
    this.#voterColumn = this.#pairColumn + 2 * this.count;
    this.#rests = [this.#voterColumn + VOTER_KEY_BYTES * this.count];
  }

  /** Index in `pairs` of the contest and choice of vote `index`. */
  pairOf(index: number): number {
    return this.#bytes.readUInt16LE(this.#pairColumn + 2 * index);
  }

  /** The first four bytes of the voter key, which the voter index stores. */
  voterPrefix(index: number): number {
    return this.#bytes.readUInt32LE(this.#voterColumn + VOTER_KEY_BYTES * index);
  }

  isVoter(index: number, key: Uint8Array): boolean {
    const start = this.#voterColumn + VOTER_KEY_BYTES * index;
    return this.#bytes.compare(key, 0, key.length, start, start + VOTER_KEY_BYTES) === 0;
  }

  vote(index: number): LogEntryVote {
    const pair = this.pairs[this.pairOf(index)];
    if (pair === undefined) throw new Error(`Vote ${index} of a packed entry has no contest and choice`);
    this.#seekRest(index);
    const sequence = this.#varint();
    const voteId = this.#string();
    const attributes: Record<string, string> = {};
    for (let left = this.#varint(); left > 0; left--) {
      const name = this.#string();
      const value = this.#string();
      // An assignment would be wrong for an attribute called `__proto__`.
      if (name in attributes) Object.defineProperty(attributes, name, { value, enumerable: true });
      else attributes[name] = value;
    }
    this.#rests[index + 1] = this.#at;
    const voter = this.#voterColumn + VOTER_KEY_BYTES * index;
    return {
      contest: pair.contest,
      choice: pair.choice,
      voter: Uint8Array.from(this.#bytes.subarray(voter, voter + VOTER_KEY_BYTES)),
      attributes,
      voteId,
      sequence,
    };
  }

  #seekRest(index: number): void {
    for (let walked = this.#rests.length - 1; walked < index; walked++) {
      this.#at = this.#rests[walked] ?? 0;
      this.#varint();
      this.#skipString();
      for (let left = 2 * this.#varint(); left > 0; left--) this.#skipString();
      this.#rests[walked + 1] = this.#at;
    }
    this.#at = this.#rests[index] ?? 0;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #string(): string {
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    return length === 0 ? '' : this.#bytes.toString('utf8', start, this.#at);
  }

  #skipString(): void {
    const length = this.#varint();
    this.#at += length;
  }
}
