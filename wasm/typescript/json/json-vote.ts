import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { MAX_SEQUENCE, MAX_VOTER_BYTES } from '../../limits.ts';
import {
  FIELD_ATTRIBUTES,
  FIELD_CHOICE,
  FIELD_CONTEST,
  FIELD_NONE,
  FIELD_SEQUENCE,
  FIELD_UNKNOWN,
  FIELD_VOTE_ID,
  FIELD_VOTER,
} from '../../rejection-field.ts';
import { byteAt } from '../memory.ts';
import { note, noted, noteWithKey, REFUSED, refuse } from '../rejection.ts';
import type { OptionTable } from '../table.ts';
import { isPlainVoter } from '../text.ts';
import { clearVote, vote } from '../vote.ts';
import { readAttributes } from './json-attributes.ts';
import { digitsValue, number, readNumber, startsNumber } from './json-number.ts';
import { checkVoteId, checkVoter, resolveIds } from './json-rules.ts';
import { readString, resetScratch, string } from './json-string.ts';
import { malformed, skipColon, skipSpace, skipValue } from './json-value.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const CONTEST = ascii('contest');
const CHOICE = ascii('choice');
const VOTER = ascii('voter');
const ATTRIBUTES = ascii('attributes');
const VOTE_ID = ascii('vote_id');
const VOTE_ID_CAMEL = ascii('voteId');
const SEQUENCE = ascii('sequence');

/** The field named by the last string read, or FIELD_UNKNOWN. The length distinguishes most names. */
function fieldOfKey(): number {
  switch (string.length) {
    case 5:
      return isKey(VOTER) ? FIELD_VOTER : FIELD_UNKNOWN;
    case 6:
      if (isKey(CHOICE)) return FIELD_CHOICE;
      return isKey(VOTE_ID_CAMEL) ? FIELD_VOTE_ID : FIELD_UNKNOWN;
    case 7:
      if (isKey(CONTEST)) return FIELD_CONTEST;
      return isKey(VOTE_ID) ? FIELD_VOTE_ID : FIELD_UNKNOWN;
    case 8:
      return isKey(SEQUENCE) ? FIELD_SEQUENCE : FIELD_UNKNOWN;
    case 10:
      return isKey(ATTRIBUTES) ? FIELD_ATTRIBUTES : FIELD_UNKNOWN;
    default:
      return FIELD_UNKNOWN;
  }
}

function isKey(name: Uint8Array): boolean {
  const start = string.start;
  for (let at = 0; at < name.length; at++) if (byteAt(start + at) !== name[at]) return false;
  return true;
}

/**
 * Reads the vote that spans `start` to `end`; a control character follows at `end`. Returns the record of its option
 * (table.ts), or 0 with the reason noted.
 */
export function readJsonVote(start: number, end: number, table: OptionTable): number {
  clearVote();
  resetScratch();
  let p = skipSpace(start, end);
  if (p === end) {
    refuse(ErrorCode.EMPTY_BODY, start, FIELD_NONE);
    return 0;
  }
  if (byteAt(p) === 0x7b) {
    p = readMembers(p + 1, end);
  } else {
    const at = p;
    p = skipValue(p, end, 0);
    if (p !== REFUSED) note(ErrorCode.WRONG_TYPE, at, FIELD_NONE);
  }
  if (p === REFUSED) return 0;
  p = skipSpace(p, end);
  if (p !== end) {
    malformed(p);
    return 0;
  }
  if (noted() === 0 && vote.contestLength !== 0 && vote.choiceLength !== 0 && vote.voterLength !== 0) {
    const record = table.find(vote.contest, vote.contestLength, vote.choice, vote.choiceLength);
    if (record !== 0) return record;
  }
  resolveIds(table);
  return 0;
}

/** Reads the members of the vote's object through its closing brace. Returns the position after it, or REFUSED. */
function readMembers(start: number, end: number): number {
  let p = skipSpace(start, end);
  if (byteAt(p) === 0x7d) {
    vote.endAt = p;
    return p + 1;
  }
  let seen = 0;
  for (;;) {
    if (byteAt(p) !== 0x22) return malformed(p);
    const keyAt = p;
    p = readString(p + 1);
    if (p === REFUSED) return REFUSED;
    const field = fieldOfKey();
    if (field === FIELD_UNKNOWN) {
      noteWithKey(ErrorCode.UNKNOWN_FIELD, keyAt, FIELD_UNKNOWN, string);
    } else if (((seen >> field) & 1) !== 0) {
      refuse(ErrorCode.DUPLICATE_KEY, keyAt, field);
      return REFUSED;
    }
    seen |= 1 << field;
    p = skipColon(p, end);
    if (p === REFUSED) return REFUSED;
    p = readValue(p, end, field);
    if (p === REFUSED) return REFUSED;
    p = skipSpace(p, end);
    const next = byteAt(p);
    if (next !== 0x2c) {
      if (next !== 0x7d) return malformed(p);
      vote.endAt = p;
      return p + 1;
    }
    p = skipSpace(p + 1, end);
  }
}

function readValue(at: number, end: number, field: number): number {
  const first = byteAt(at);
  if (field === FIELD_SEQUENCE) {
    if (startsNumber(first)) return readSequence(at);
    if (first === 0x22) return readSequenceText(at);
  } else if (field === FIELD_ATTRIBUTES) {
    if (first === 0x7b) return readAttributes(at, end);
  } else if (first === 0x22 && field !== FIELD_UNKNOWN) {
    return readText(at, field);
  }
  const next = skipValue(at, end, 1);
  if (next !== REFUSED && field !== FIELD_UNKNOWN) note(ErrorCode.WRONG_TYPE, at, field);
  return next;
}

function readSequence(at: number): number {
  const next = readNumber(at);
  if (next === REFUSED) return REFUSED;
  if (number.isSequence) vote.sequence = number.value;
  else note(ErrorCode.OUT_OF_RANGE, at, FIELD_SEQUENCE);
  return next;
}

/** A string of digits: protobuf's JSON writes 64-bit integers as strings. */
function readSequenceText(at: number): number {
  const next = readString(at + 1);
  if (next === REFUSED) return REFUSED;
  const value = digitsValue(string.start, string.length);
  if (value < 0) note(ErrorCode.WRONG_TYPE, at, FIELD_SEQUENCE);
  else if (value > MAX_SEQUENCE) note(ErrorCode.OUT_OF_RANGE, at, FIELD_SEQUENCE);
  else vote.sequence = value;
  return next;
}

function readText(at: number, field: number): number {
  const next = readString(at + 1);
  if (next === REFUSED) return REFUSED;
  const { start, length } = string;
  switch (field) {
    case FIELD_CONTEST:
      // Characters are checked only if the id is not in the table.
      vote.contest = start;
      vote.contestLength = length;
      vote.contestAt = at;
      break;
    case FIELD_CHOICE:
      vote.choice = start;
      vote.choiceLength = length;
      vote.choiceAt = at;
      break;
    case FIELD_VOTER:
      vote.voter = start;
      vote.voterLength = length;
      vote.voterAt = at;
      if (length > MAX_VOTER_BYTES || !string.plain || !isPlainVoter(start, length)) checkVoter(at);
      break;
    default:
      vote.voteId = start;
      vote.voteIdLength = length;
      checkVoteId(at);
  }
  return next;
}
