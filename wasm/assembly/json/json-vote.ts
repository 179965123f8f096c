import { DUPLICATE_KEY, EMPTY_BODY, MALFORMED_JSON, OUT_OF_RANGE, UNKNOWN_FIELD, WRONG_TYPE } from '../error-code';
import { MAX_SEQUENCE, MAX_VOTER_BYTES } from '../limits';
import {
  FIELD_ATTRIBUTES,
  FIELD_CHOICE,
  FIELD_CONTEST,
  FIELD_NONE,
  FIELD_SEQUENCE,
  FIELD_UNKNOWN,
  FIELD_VOTE_ID,
  FIELD_VOTER,
  note,
  noted,
  noteWithKey,
  refuse,
} from '../rejection';
import { findOption } from '../table';
import { isPlainVoter } from '../text';
import { clearVote, theVote } from '../vote';
import { readAttributes } from './json-attributes';
import { digitsValue, NOT_DIGITS, numberIsSequence, numberValue, readNumber, startsNumber } from './json-number';
import { checkVoteId, checkVoter, resolveIds } from './json-rules';
import { readString, resetScratch, theString } from './json-string';
import { skipColon, skipSpace, skipValue } from './json-value';

// The known keys with their closing quotes, as little-endian words. A key with an escape goes through `otherKey`.
const CONTEST: u64 = 0x22747365746e6f63;
const CHOICE: u64 = 0x226563696f6863;
const VOTER: u64 = 0x227265746f76;
const VOTE_ID: u64 = 0x2264695f65746f76;
const VOTE_ID_CAMEL: u64 = 0x22644965746f76;
const SEQUENCE: u64 = 0x65636e6575716573;
const ATTRIBUT: u64 = 0x7475626972747461;
const ES: u32 = 0x227365;
const BYTES_6: u64 = 0xffffffffffff;
const BYTES_7: u64 = 0xffffffffffffff;

/** End of the last key read. */
let keyEnd: usize = 0;

/** The field whose key's opening quote is right before `p`, FIELD_UNKNOWN, or FIELD_NONE after `refuse`. Sets keyEnd. */
function readKey(p: usize): u32 {
  const word = load<u64>(p);
  if (word === CONTEST) {
    keyEnd = p + 8;
    return FIELD_CONTEST;
  }
  if ((word & BYTES_7) === CHOICE) {
    keyEnd = p + 7;
    return FIELD_CHOICE;
  }
  if ((word & BYTES_6) === VOTER) {
    keyEnd = p + 6;
    return FIELD_VOTER;
  }
  if (word === SEQUENCE && load<u8>(p + 8) === 0x22) {
    keyEnd = p + 9;
    return FIELD_SEQUENCE;
  }
  if (word === ATTRIBUT && (load<u32>(p + 8) & 0xffffff) === ES) {
    keyEnd = p + 11;
    return FIELD_ATTRIBUTES;
  }
  return otherKey(p);
}

function otherKey(p: usize): u32 {
  keyEnd = readString(p);
  if (keyEnd === 0) return FIELD_NONE;
  const key = theString();
  const word = load<u64>(key.start);
  const tail = load<u32>(key.start + 8);
  switch (<u32>key.length) {
    case 5:
      if ((word & 0xffffffffff) === (VOTER & 0xffffffffff)) return FIELD_VOTER;
      break;
    case 6:
      if ((word & BYTES_6) === (CHOICE & BYTES_6)) return FIELD_CHOICE;
      if ((word & BYTES_6) === (VOTE_ID_CAMEL & BYTES_6)) return FIELD_VOTE_ID;
      break;
    case 7:
      if ((word & BYTES_7) === (CONTEST & BYTES_7)) return FIELD_CONTEST;
      if ((word & BYTES_7) === (VOTE_ID & BYTES_7)) return FIELD_VOTE_ID;
      break;
    case 8:
      if (word === SEQUENCE) return FIELD_SEQUENCE;
      break;
    case 10:
      if (word === ATTRIBUT && (tail & 0xffff) === (ES & 0xffff)) return FIELD_ATTRIBUTES;
      break;
  }
  return FIELD_UNKNOWN;
}

function malformed(at: usize): usize {
  refuse(MALFORMED_JSON, at, FIELD_NONE);
  return 0;
}

/**
 * Reads the vote that spans `start` to `end`; a control character follows at `end`. Returns the record of its option
 * (table.ts), or 0 with the reason noted.
 */
export function readJsonVote(start: usize, end: usize): usize {
  clearVote();
  resetScratch();
  let p = skipSpace(start, end);
  if (p === end) {
    refuse(EMPTY_BODY, start, FIELD_NONE);
    return 0;
  }
  if (load<u8>(p) === 0x7b) {
    p = readMembers(p + 1, end);
  } else {
    const at = p;
    p = skipValue(p, end, 0);
    if (p !== 0) note(WRONG_TYPE, at, FIELD_NONE);
  }
  if (p === 0) return 0;
  p = skipSpace(p, end);
  if (p !== end) return malformed(p);
  const vote = theVote();
  if (noted() === 0 && vote.contestLength !== 0 && vote.choiceLength !== 0 && vote.voterLength !== 0) {
    const record = findOption(vote.contest, vote.contestLength, vote.choice, vote.choiceLength);
    if (record !== 0) return record;
  }
  return resolveIds();
}

/** Reads the members of the vote's object through its closing brace. Returns the position after it, or 0. */
function readMembers(p: usize, end: usize): usize {
  p = skipSpace(p, end);
  if (load<u8>(p) === 0x7d) {
    theVote().endAt = p;
    return p + 1;
  }
  let seen: u32 = 0;
  while (true) {
    if (load<u8>(p) !== 0x22) return malformed(p);
    const keyAt = p;
    const field = readKey(p + 1);
    if (field === FIELD_NONE) return 0;
    p = keyEnd;
    if (field !== FIELD_UNKNOWN) {
      if (((seen >> field) & 1) !== 0) {
        refuse(DUPLICATE_KEY, keyAt, field);
        return 0;
      }
      seen |= 1 << field;
    } else {
      noteWithKey(UNKNOWN_FIELD, keyAt, FIELD_UNKNOWN, theString().start, theString().length);
    }
    p = load<u16>(p) === 0x223a ? p + 1 : skipColon(p, end);
    if (p === 0) return 0;
    p = readValue(p, end, field);
    if (p === 0) return 0;
    p = skipSpace(p, end);
    const next = load<u8>(p);
    if (next !== 0x2c) {
      if (next !== 0x7d) return malformed(p);
      theVote().endAt = p;
      return p + 1;
    }
    p = skipSpace(p + 1, end);
  }
}

function readValue(p: usize, end: usize, field: u32): usize {
  const first = load<u8>(p);
  if (field === FIELD_SEQUENCE) {
    if (startsNumber(first)) return readSequence(p);
    if (first === 0x22) return readSequenceText(p);
  } else if (field === FIELD_ATTRIBUTES) {
    if (first === 0x7b) return readAttributes(p, end);
  } else if (first === 0x22 && field !== FIELD_UNKNOWN) {
    return readText(p, field);
  }
  const at = p;
  p = skipValue(p, end, 1);
  if (p !== 0 && field !== FIELD_UNKNOWN) note(WRONG_TYPE, at, field);
  return p;
}

function readSequence(p: usize): usize {
  const at = p;
  p = readNumber(p);
  if (p === 0) return 0;
  if (numberIsSequence) theVote().sequence = numberValue;
  else note(OUT_OF_RANGE, at, FIELD_SEQUENCE);
  return p;
}

/** A string of digits: protobuf's JSON writes 64-bit integers as strings. */
function readSequenceText(p: usize): usize {
  const at = p;
  p = readString(p + 1);
  if (p === 0) return 0;
  const value = digitsValue(theString().start, theString().length);
  if (value === NOT_DIGITS) note(WRONG_TYPE, at, FIELD_SEQUENCE);
  else if (value > MAX_SEQUENCE) note(OUT_OF_RANGE, at, FIELD_SEQUENCE);
  else theVote().sequence = value;
  return p;
}

function readText(p: usize, field: u32): usize {
  const at = p;
  p = readString(p + 1);
  if (p === 0) return 0;
  const vote = theVote();
  const string = theString();
  const length = string.length;
  switch (field) {
    case FIELD_CONTEST:
      // Characters are checked only if the id is not in the table.
      vote.contest = string.start;
      vote.contestLength = length;
      vote.contestAt = at;
      break;
    case FIELD_CHOICE:
      vote.choice = string.start;
      vote.choiceLength = length;
      vote.choiceAt = at;
      break;
    case FIELD_VOTER:
      vote.voter = string.start;
      vote.voterLength = length;
      vote.voterAt = at;
      if (length > MAX_VOTER_BYTES || !string.plain || !isPlainVoter(string.start, length)) checkVoter(at);
      break;
    default:
      vote.voteId = string.start;
      vote.voteIdLength = length;
      checkVoteId(at);
  }
  return p;
}
