/**
 * The module's exports. Each `encode*` takes the number of bytes that the host wrote to INPUT, and returns the number
 * of votes it wrote to OUTPUT, or FAILED; layout.ts and rejection.ts describe the memory.
 */
import { EMPTY_BODY, MISSING_FIELD, TOO_LARGE, TOO_MANY_VOTES } from './error-code';
import { skipSpace } from './json/json-value';
import { readJsonVote } from './json/json-vote';
import { INPUT, INPUT_SIZE, LAYOUT_END } from './layout';
import { MAX_BATCH_VOTES, MAX_VOTE_BYTES } from './limits';
import {
  contentLength,
  malformedProto,
  readLength,
  readTag,
  readVarint,
  skipField,
  tag,
  varint,
} from './proto/proto-field';
import { beginProtoVote, endProtoVote, readProtoVote } from './proto/proto-vote';
import {
  clearNote,
  FIELD_NONE,
  FIELD_VOTE,
  FIELD_VOTES,
  failBody,
  failNoted,
  keepRejection,
  refuse,
  resetRejections,
} from './rejection';
import { addRecord } from './table';
import { resetOutput, writeVote, written } from './write-vote';

export { CONTESTS, ENDS, INDEXES, INPUT, OUTPUT, OUTPUT_SIZE, PARTITIONS, REJECTIONS } from './layout';
export { rejections } from './rejection';
export { resetTable } from './table';

if (LAYOUT_END > 4 << 20) ERROR('layout.ts runs into MEMORY_BASE of build-wasm.ts');

/** The host wrote a contest id and an option id (empty: the contest itself) to INPUT, consecutively. */
export function addOption(contestLength: u32, choiceLength: u32, contestIndex: u32, open: u32): void {
  addRecord(INPUT, contestLength, INPUT + <usize>contestLength, choiceLength, contestIndex, open);
}

/** `wait` of the CastVoteRequest read last. */
let waits: bool = false;
export function wantsWait(): bool {
  return waits;
}

function begin(length: u32): void {
  if (<usize>length > INPUT_SIZE) unreachable();
  // Ends every search within the input: not part of any JSON token.
  store<u8>(INPUT + <usize>length, 0);
  resetOutput();
  resetRejections();
  clearNote();
}

function beginOne(length: u32): bool {
  begin(length);
  if (length === 0) failBody(EMPTY_BODY, INPUT, FIELD_NONE);
  else if (length > MAX_VOTE_BYTES) failBody(TOO_LARGE, INPUT, FIELD_NONE);
  else return true;
  return false;
}

function endOne(record: usize): i32 {
  if (record === 0) return failNoted();
  writeVote(record, 0);
  return 1;
}

export function encodeJson(length: u32): i32 {
  if (!beginOne(length)) return -1;
  return endOne(readJsonVote(INPUT, INPUT + <usize>length));
}

export function encodeVote(length: u32): i32 {
  if (!beginOne(length)) return -1;
  beginProtoVote();
  if (readProtoVote(INPUT, INPUT + <usize>length) === 0) return failNoted();
  return endOne(endProtoVote());
}

export function encodeCastVote(length: u32): i32 {
  waits = false;
  if (!beginOne(length)) return -1;
  const end = INPUT + <usize>length;
  let p = INPUT;
  let found = false;
  beginProtoVote();
  while (p < end) {
    const at = p;
    p = readTag(p, end);
    if (p === 0) return failNoted();
    if (tag === 0x0a) {
      p = readLength(p, end, at);
      if (p !== 0) p = readProtoVote(p, p + contentLength);
      found = true;
    } else if (tag === 0x10) {
      p = readVarint(p, end);
      if (p === 0) malformedProto(at);
      waits = varint !== 0;
    } else if (tag < 0x18) {
      p = malformedProto(at);
    } else {
      p = skipField(p, end, at, 0);
    }
    if (p === 0) return failNoted();
  }
  return found ? endOne(endProtoVote()) : failBody(MISSING_FIELD, end, FIELD_VOTE);
}

/** Records the outcome of vote `index` of a batch. */
function endOfMany(record: usize, index: u32): void {
  if (record !== 0) writeVote(record, index);
  else keepRejection(index);
}

export function encodeNdjson(length: u32): i32 {
  begin(length);
  const end = INPUT + <usize>length;
  let index: u32 = 0;
  for (let p = INPUT; p < end; ) {
    const lineEnd = findLineEnd(p, end);
    if (skipSpace(p, lineEnd) !== lineEnd) {
      if (index === MAX_BATCH_VOTES) return failBody(TOO_MANY_VOTES, p, FIELD_NONE);
      clearNote();
      let record: usize = 0;
      if (lineEnd - p > MAX_VOTE_BYTES) refuse(TOO_LARGE, p, FIELD_NONE);
      else record = readJsonVote(p, lineEnd);
      endOfMany(record, index++);
    }
    p = lineEnd + 1;
  }
  return index === 0 ? failBody(EMPTY_BODY, INPUT, FIELD_NONE) : <i32>written();
}

function findLineEnd(p: usize, end: usize): usize {
  while (p < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(0x0a)));
    if (found !== 0) {
      p += <usize>ctz<u32>(found);
      return p < end ? p : end;
    }
    p += 16;
  }
  return end;
}

export function encodeVotes(length: u32): i32 {
  begin(length);
  if (length === 0) return failBody(EMPTY_BODY, INPUT, FIELD_NONE);
  const end = INPUT + <usize>length;
  let index: u32 = 0;
  for (let p = INPUT; p < end; ) {
    const at = p;
    clearNote();
    p = readTag(p, end);
    if (p === 0) return failNoted();
    if (tag !== 0x0a) {
      p = tag < 0x10 ? malformedProto(at) : skipField(p, end, at, 0);
      if (p === 0) return failNoted();
      continue;
    }
    p = readLength(p, end, at);
    if (p === 0) return failNoted();
    if (index === MAX_BATCH_VOTES) return failBody(TOO_MANY_VOTES, at, FIELD_NONE);
    const size = contentLength;
    let record: usize = 0;
    if (size > MAX_VOTE_BYTES) {
      refuse(TOO_LARGE, p, FIELD_NONE);
    } else {
      beginProtoVote();
      if (readProtoVote(p, p + size) === 0) return failNoted();
      record = endProtoVote();
    }
    endOfMany(record, index++);
    p += size;
  }
  return index === 0 ? failBody(MISSING_FIELD, end, FIELD_VOTES) : <i32>written();
}
