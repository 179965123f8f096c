import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_BATCH_BYTES } from '../limits.ts';
import { byteAt, take } from '../typescript/memory.ts';
import { found, malformedProto, readLength, readTag, readVarint, skipField } from '../typescript/proto/proto-field.ts';
import { checkFields } from '../typescript/proto/proto-rules.ts';
import { beginProtoVote, readProtoVote, tooMany } from '../typescript/proto/proto-vote.ts';
import { clearNote, REFUSED, rejectionOf } from '../typescript/rejection.ts';
import { TextReader } from '../typescript/text-reader.ts';
import { vote } from '../typescript/vote.ts';
import { VoteColumns } from '../typescript/vote-columns.ts';

/** Tags of a VoteBatch's fields. */
const PATH = 0x08;
const EDGE = 0x12;
const RECEIVED_AT = 0x18;
const VOTES = 0x22;
const NOTIFY = 0x28;
/** This and larger tags belong to unknown fields. */
const UNKNOWN = 0x30;

/** Pairs that a vote is compared with; further ones are read like new ones. */
const COMPARED_PAIRS = 16;

/** A valid contest and choice of votes of the entry, which mostly repeat. */
export interface IdPair {
  readonly contest: string;
  readonly choice: string;
  /** Where they are in the entry. */
  readonly contestAt: number;
  readonly choiceAt: number;
}

/** Shared by all votes without attributes, which most are. */
export const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Reads the VoteBatch of a stream entry in one pass, about 0.2 microseconds per vote. The next `read` overwrites the
 * result. Strings are decoded on access from the entry's bytes, which must not change until then.
 *
 * For an entry that no edge would have written (not a VoteBatch, no votes, a vote that breaks a rule), `read` returns
 * the reason; such an entry is dead-lettered.
 */
export class BatchReader {
  path: Path = Path.UNSPECIFIED;
  edge = '';
  /** Milliseconds since 1970, by the edge's clock. */
  receivedAt = 0;
  notify = false;
  /** Number of votes. */
  count = 0;
  /** The contests and choices of the votes; the next `read` makes new arrays. A pair may occur more than once. */
  pairs: IdPair[] = [];
  /** For each vote the index of its pair. */
  pairOf: number[] = [];
  /** Whether any vote has one. */
  hasVoteIds = false;
  hasSequences = false;

  readonly #columns = new VoteColumns();
  readonly #text = new TextReader();

  /** Returns undefined, or the reason why the entry is unusable. */
  read(entry: Uint8Array): string | undefined {
    this.path = Path.UNSPECIFIED;
    this.edge = '';
    this.receivedAt = 0;
    this.notify = false;
    this.count = 0;
    this.#columns.clear();
    this.pairs = [];
    this.pairOf = [];
    this.hasVoteIds = false;
    this.hasSequences = false;
    this.#text.bytes = entry;
    if (entry.length > MAX_BATCH_BYTES) return `the entry has ${entry.length} bytes; the limit is ${MAX_BATCH_BYTES}`;
    take(entry);
    clearNote();
    const end = entry.length;
    for (let p = 0; p < end; ) {
      p = this.#readField(p, end);
      if (p === REFUSED) return this.#reason();
    }
    this.count = this.#columns.count;
    if (this.count === 0) return 'the entry has no votes';
    if (this.path < Path.HTTP || this.path > Path.CONNECT) return `the entry has the unknown path ${this.path}`;
    return undefined;
  }

  /** Starts of the voter ids in the entry, for VoterKeys.keysOf: the first `count` are valid. */
  get voterStarts(): Uint32Array {
    return this.#columns.voterStarts;
  }

  get voterEnds(): Uint32Array {
    return this.#columns.voterEnds;
  }

  get hasAttributes(): boolean {
    return this.#columns.attributePlaces.length > 0;
  }

  /** 0 if the vote has none. */
  sequence(index: number): number {
    return this.#columns.sequences[index] ?? 0;
  }

  contest(index: number): string {
    return this.pairs[this.pairOf[index] ?? 0]?.contest ?? '';
  }

  choice(index: number): string {
    return this.pairs[this.pairOf[index] ?? 0]?.choice ?? '';
  }

  /** Empty if the vote has none. */
  voteId(index: number): string {
    return this.#text.text(this.#columns.voteIdStarts[index] ?? 0, this.#columns.voteIdEnds[index] ?? 0);
  }

  attributes(index: number): Readonly<Record<string, string>> {
    const { attributeEnds, attributePlaces } = this.#columns;
    const start = index === 0 ? 0 : (attributeEnds[index - 1] ?? 0);
    const end = attributeEnds[index] ?? 0;
    if (start === end) return NO_ATTRIBUTES;
    const attributes: Record<string, string> = {};
    for (let at = start; at < end; at += 4) {
      const key = this.#text.id(attributePlaces[at] ?? 0, attributePlaces[at + 1] ?? 0);
      attributes[key] = this.#text.text(attributePlaces[at + 2] ?? 0, attributePlaces[at + 3] ?? 0);
    }
    return attributes;
  }

  #readField(at: number, end: number): number {
    const p = readTag(at, end);
    if (p === REFUSED) return REFUSED;
    const { tag } = found;
    if (tag === VOTES || tag === EDGE) {
      const content = readLength(p, end, at);
      if (content === REFUSED) return REFUSED;
      const next = content + found.length;
      if (tag === VOTES) return this.#readVote(content, next);
      this.edge = this.#text.text(content, next);
      return next;
    }
    if (tag === PATH || tag === RECEIVED_AT || tag === NOTIFY) {
      const next = readVarint(p, end);
      if (next === REFUSED) return malformedProto(at);
      if (tag === PATH) this.path = found.varint as Path;
      else if (tag === NOTIFY) this.notify = found.varint !== 0;
      else this.receivedAt = found.varint;
      return next;
    }
    return tag < UNKNOWN ? malformedProto(at) : skipField(p, end, at, 0);
  }

  #readVote(start: number, end: number): number {
    beginProtoVote();
    if (readProtoVote(start, end) === REFUSED) return REFUSED;
    const known = this.#findPair();
    if (!checkFields(known >= 0, tooMany.at)) return REFUSED;
    this.pairOf.push(known >= 0 ? known : this.#addPair());
    this.hasVoteIds ||= vote.voteIdLength > 0;
    this.hasSequences ||= vote.sequence > 0;
    this.#columns.add();
    return end;
  }

  /** Index of the vote's contest and choice; -1: not found. */
  #findPair(): number {
    const { pairs } = this;
    for (let at = Math.min(pairs.length, COMPARED_PAIRS) - 1; at >= 0; at--) {
      const { contest, choice, contestAt, choiceAt } = pairs[at] as IdPair;
      if (
        isSame(vote.choice, choiceAt, vote.choiceLength, choice.length) &&
        isSame(vote.contest, contestAt, vote.contestLength, contest.length)
      )
        return at;
    }
    return -1;
  }

  #addPair(): number {
    const contest = this.#text.id(vote.contest, vote.contest + vote.contestLength);
    const choice = this.#text.id(vote.choice, vote.choice + vote.choiceLength);
    return this.pairs.push({ contest, choice, contestAt: vote.contest, choiceAt: vote.choice }) - 1;
  }

  /** Formats the note about the last vote. */
  #reason(): string {
    const { code, offset, field } = rejectionOf(0);
    const name = Object.entries(ErrorCode).find(([, value]) => value === code)?.[0] ?? 'INTERNAL';
    const of = field === undefined ? '' : ` of ${field}`;
    return `vote ${this.#columns.count}: ${name.toLowerCase()}${of} at byte ${offset} of the entry`;
  }
}

function isSame(a: number, b: number, length: number, otherLength: number): boolean {
  if (length !== otherLength) return false;
  for (let at = 0; at < length; at++) if (byteAt(a + at) !== byteAt(b + at)) return false;
  return true;
}
