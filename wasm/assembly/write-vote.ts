import { copy } from './bytes';
import { xxh32 } from './hash/xxh32';
import { CONTESTS, ENDS, INDEXES, OUTPUT, OUTPUT_SIZE, PARTITIONS } from './layout';
import { MAX_VOTE_BYTES } from './limits';
import { OPTION_FIELDS, Option, partitionOf } from './table';
import { attribute, theVote, Vote } from './vote';

const ANY_PARTITION: u32 = 0xffff;

/** Tag of VoteBatch.votes. */
const ELEMENT: u8 = 0x22;

let out: usize = OUTPUT;
let count: u32 = 0;

export function resetOutput(): void {
  out = OUTPUT;
  count = 0;
}

export function written(): u32 {
  return count;
}

/** Writes the vote in canonical form: fields by number, attributes by key, defaults omitted. */
export function writeVote(record: usize, index: u32): void {
  // The sizes in layout.ts make this impossible; on a trap the host replaces the instance.
  if (out + 2 * MAX_VOTE_BYTES > OUTPUT + OUTPUT_SIZE + MAX_VOTE_BYTES) unreachable();
  const vote = theVote();
  const option = changetype<Option>(record);
  const idsLength: usize = 4 + <usize>option.contestLength + <usize>option.choiceLength;
  const voterLength = vote.voterLength;
  let length: usize = idsLength + 2 + voterLength;
  if (voterLength >= 0x80) length++;
  if (vote.attributes !== 0) length += attributesLength(vote);
  if (vote.voteIdLength !== 0) length += 2 + vote.voteIdLength;
  if (vote.sequence !== 0) length += 1 + varintLength(vote.sequence);

  let p = out;
  store<u8>(p, ELEMENT);
  p = writeLength(p + 1, length);
  copy(p, record + OPTION_FIELDS, idsLength);
  p = writeString(p + idsLength, 0x1a, vote.voter, voterLength);
  if (vote.attributes !== 0) p = writeAttributes(p, vote);
  if (vote.voteIdLength !== 0) p = writeString(p, 0x2a, vote.voteId, vote.voteIdLength);
  if (vote.sequence !== 0) {
    store<u8>(p, 0x30);
    p = writeVarint(p + 1, vote.sequence);
  }
  out = p;

  const at = <usize>count;
  store<u32>(ENDS + (at << 2), <u32>(p - OUTPUT));
  store<u32>(INDEXES + (at << 2), index);
  store<u16>(CONTESTS + (at << 1), option.contest);
  store<u16>(PARTITIONS + (at << 1), <u16>partition(vote, option));
  count++;
}

function partition(vote: Vote, option: Option): u32 {
  if (option.open === 0) return partitionOf(xxh32(vote.voter, vote.voterLength));
  return vote.voteIdLength === 0 ? ANY_PARTITION : partitionOf(xxh32(vote.voteId, vote.voteIdLength));
}

/** A field of at most 16383 bytes. */
function writeString(p: usize, tag: u8, from: usize, length: usize): usize {
  store<u8>(p, tag);
  p = writeLength(p + 1, length);
  copy(p, from, length);
  return p + length;
}

function writeLength(p: usize, length: usize): usize {
  if (length < 0x80) {
    store<u8>(p, <u8>length);
    return p + 1;
  }
  store<u16>(p, <u16>(0x80 | (length & 0x7f) | ((length >> 7) << 8)));
  return p + 2;
}

function lengthSize(length: usize): usize {
  return length < 0x80 ? 1 : 2;
}

/** A map entry always has key and value, even if empty; all protobuf libraries write it so. */
function entryLength(keyLength: usize, valueLength: usize): usize {
  return 2 + keyLength + 1 + lengthSize(valueLength) + valueLength;
}

function attributesLength(vote: Vote): usize {
  let length: usize = 0;
  for (let at: u32 = 0; at < vote.attributes; at++) {
    const entry = entryLength(attribute(at).keyLength, attribute(at).valueLength);
    length += 1 + lengthSize(entry) + entry;
  }
  return length;
}

function writeAttributes(p: usize, vote: Vote): usize {
  for (let at: u32 = 0; at < vote.attributes; at++) {
    const pair = attribute(at);
    store<u8>(p, 0x22);
    p = writeLength(p + 1, entryLength(pair.keyLength, pair.valueLength));
    p = writeString(p, 0x0a, pair.key, pair.keyLength);
    p = writeString(p, 0x12, pair.value, pair.valueLength);
  }
  return p;
}

function varintLength(value: u64): usize {
  return (70 - <usize>clz<u64>(value)) / 7;
}

function writeVarint(p: usize, value: u64): usize {
  while (value >= 0x80) {
    store<u8>(p++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(p++, <u8>value);
  return p;
}
