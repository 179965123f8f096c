import { ANY_PARTITION, type EncodedVotes, type Rejection } from '../codec.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_VOTES, MAX_VOTE_BYTES } from '../limits.ts';
import { memory } from './memory.ts';
import { OPTION_FIELDS, type OptionTable } from './table.ts';
import { attribute, vote } from './vote.ts';
import { xxh32 } from './xxh32.ts';

/** Tag of VoteBatch.votes. */
const ELEMENT = 0x22;

const NO_REJECTIONS: readonly Rejection[] = Object.freeze([]);

/** The object that every call returns, and its writer. */
export class VoteWriter implements EncodedVotes {
  failure: Rejection | undefined = undefined;
  body: Uint8Array = new Uint8Array();
  count = 0;
  rejected: readonly Rejection[] = NO_REJECTIONS;
  wait = false;
  /** Canonical votes are as long as the input, plus 2 bytes for each map entry without a value. */
  readonly bytes = new Uint8Array(2 * MAX_BATCH_BYTES + MAX_VOTE_BYTES);
  readonly ends = new Uint32Array(MAX_BATCH_VOTES);
  readonly partition = new Uint16Array(MAX_BATCH_VOTES);
  readonly contest = new Uint16Array(MAX_BATCH_VOTES);
  readonly index = new Uint32Array(MAX_BATCH_VOTES);
  #end = 0;

  reset(body: Uint8Array): void {
    this.body = body;
    this.failure = undefined;
    this.count = 0;
    this.rejected = NO_REJECTIONS;
    this.wait = false;
    this.#end = 0;
  }

  fail(failure: Rejection): this {
    this.failure = failure;
    this.count = 0;
    this.rejected = NO_REJECTIONS;
    return this;
  }

  /** Writes the vote in canonical form: fields by number, attributes by key, defaults omitted. */
  write(table: OptionTable, record: number, index: number): void {
    const { bytes } = this;
    const { voterLength, voteIdLength, sequence } = vote;
    const idsLength = table.fieldsLength(record);
    let length = idsLength + 2 + voterLength;
    if (voterLength >= 0x80) length++;
    if (vote.attributes !== 0) length += attributesLength();
    if (voteIdLength !== 0) length += 2 + voteIdLength;
    if (sequence !== 0) length += 1 + varintLength(sequence);

    let p = this.#end;
    bytes[p] = ELEMENT;
    p = writeLength(bytes, p + 1, length);
    const { records } = table;
    const fields = record + OPTION_FIELDS;
    for (let at = 0; at < idsLength; at++) bytes[p + at] = records[fields + at] as number;
    p = writeString(bytes, p + idsLength, 0x1a, vote.voter, voterLength);
    if (vote.attributes !== 0) p = writeAttributes(bytes, p);
    if (voteIdLength !== 0) p = writeString(bytes, p, 0x2a, vote.voteId, voteIdLength);
    if (sequence !== 0) p = writeVarint(bytes, p, sequence);
    this.#end = p;

    const { count } = this;
    this.ends[count] = p;
    this.index[count] = index;
    this.contest[count] = table.contestIndex(record);
    this.partition[count] = partition(table, record);
    this.count = count + 1;
  }
}

function partition(table: OptionTable, record: number): number {
  if (!table.isOpen(record)) return xxh32(vote.voter, vote.voterLength) % table.partitions;
  return vote.voteIdLength === 0 ? ANY_PARTITION : xxh32(vote.voteId, vote.voteIdLength) % table.partitions;
}

/** A field of at most 16383 bytes. */
function writeString(to: Uint8Array, at: number, tag: number, from: number, length: number): number {
  to[at] = tag;
  const p = writeLength(to, at + 1, length);
  const body = memory;
  for (let i = 0; i < length; i++) to[p + i] = body[from + i] as number;
  return p + length;
}

function writeLength(to: Uint8Array, p: number, length: number): number {
  if (length < 0x80) {
    to[p] = length;
    return p + 1;
  }
  to[p] = 0x80 | (length & 0x7f);
  to[p + 1] = length >> 7;
  return p + 2;
}

function lengthSize(length: number): number {
  return length < 0x80 ? 1 : 2;
}

/** A map entry always has key and value, even if empty; all protobuf libraries write it so. */
function entryLength(keyLength: number, valueLength: number): number {
  return 2 + keyLength + 1 + lengthSize(valueLength) + valueLength;
}

function attributesLength(): number {
  let length = 0;
  for (let at = 0; at < vote.attributes; at++) {
    const entry = entryLength(attribute(at).keyLength, attribute(at).valueLength);
    length += 1 + lengthSize(entry) + entry;
  }
  return length;
}

function writeAttributes(to: Uint8Array, start: number): number {
  let p = start;
  for (let at = 0; at < vote.attributes; at++) {
    const pair = attribute(at);
    to[p] = 0x22;
    p = writeLength(to, p + 1, entryLength(pair.keyLength, pair.valueLength));
    p = writeString(to, p, 0x0a, pair.key, pair.keyLength);
    p = writeString(to, p, 0x12, pair.value, pair.valueLength);
  }
  return p;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest /= 128) length++;
  return length;
}

function writeVarint(to: Uint8Array, at: number, value: number): number {
  let p = at;
  to[p++] = 0x30;
  let rest = value;
  // Uses division past 31 bits, where bit operations truncate.
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) to[p++] = (rest % 128) | 0x80;
  for (; rest >= 0x80; rest >>>= 7) to[p++] = (rest & 0x7f) | 0x80;
  to[p++] = rest;
  return p;
}
