import { REFUSED } from '../rejection.ts';
import { clearVote, placeAttribute, vote } from '../vote.ts';
import { found, malformedProto, readLength, readTag, readVarint, skipField } from './proto-field.ts';
import { noteUtf8 } from './proto-rules.ts';

const CONTEST = 0x0a;
const CHOICE = 0x12;
const VOTER = 0x1a;
const ATTRIBUTES = 0x22;
const VOTE_ID = 0x2a;
const SEQUENCE = 0x30;
/** Larger tags belong to unknown fields. */
const LAST = 0x37;

/** Tags of a map entry. */
const KEY = 0x0a;
const VALUE = 0x12;
const LAST_OF_ENTRY = 0x17;

/** Position of the tag of the first attribute past the limit, or REFUSED if there is none. */
export const tooMany = { at: REFUSED };

export function beginProtoVote(): void {
  clearVote();
  tooMany.at = REFUSED;
}

/**
 * Reads a Vote from `start` to `end` into the current one. As protobuf requires, parts of one message merge, and the
 * last value of a singular field or map key wins. Returns `end`, or REFUSED.
 */
export function readProtoVote(start: number, end: number): number {
  vote.endAt = end;
  let p = start;
  while (p < end) {
    const at = p;
    p = readTag(p, end);
    if (p === REFUSED) return REFUSED;
    const { tag } = found;
    if (tag === SEQUENCE) {
      vote.sequenceAt = p;
      p = readVarint(p, end);
      if (p === REFUSED) return malformedProto(at);
      vote.sequence = found.varint;
    } else if (tag > LAST) {
      p = skipField(p, end, at, 0);
    } else if ((tag & 7) !== 2 || tag > VOTE_ID) {
      // All other fields are length-delimited; a known field with another wire type is rejected, not skipped.
      return malformedProto(at);
    } else {
      p = readLength(p, end, at);
      if (p === REFUSED) return REFUSED;
      p = tag === ATTRIBUTES ? readEntry(p, p + found.length, at) : keepString(tag, p, found.length);
    }
    if (p === REFUSED) return REFUSED;
  }
  return end;
}

function keepString(tag: number, p: number, length: number): number {
  switch (tag) {
    case CONTEST:
      if (vote.contestAt >= 0) noteUtf8(vote.contest, vote.contestLength);
      vote.contest = p;
      vote.contestLength = length;
      vote.contestAt = p;
      break;
    case CHOICE:
      if (vote.choiceAt >= 0) noteUtf8(vote.choice, vote.choiceLength);
      vote.choice = p;
      vote.choiceLength = length;
      vote.choiceAt = p;
      break;
    case VOTER:
      if (vote.voterAt >= 0) noteUtf8(vote.voter, vote.voterLength);
      vote.voter = p;
      vote.voterLength = length;
      vote.voterAt = p;
      break;
    default:
      if (vote.voteIdLength !== 0) noteUtf8(vote.voteId, vote.voteIdLength);
      vote.voteId = p;
      vote.voteIdLength = length;
  }
  return p + length;
}

/** Reads an entry of the attributes whose tag is at `entryAt`. */
function readEntry(start: number, end: number, entryAt: number): number {
  let key = end;
  let keyLength = 0;
  let value = end;
  let valueLength = 0;
  let p = start;
  while (p < end) {
    const at = p;
    p = readTag(p, end);
    if (p === REFUSED) return REFUSED;
    const { tag } = found;
    if (tag > LAST_OF_ENTRY) {
      p = skipField(p, end, at, 0);
      if (p === REFUSED) return REFUSED;
      continue;
    }
    if (tag !== KEY && tag !== VALUE) return malformedProto(at);
    p = readLength(p, end, at);
    if (p === REFUSED) return REFUSED;
    const { length } = found;
    noteUtf8(p, length);
    if (tag === KEY) {
      key = p;
      keyLength = length;
    } else {
      value = p;
      valueLength = length;
    }
    p += length;
  }
  const place = placeAttribute(key, keyLength);
  if (place === undefined) {
    if (tooMany.at === REFUSED) tooMany.at = entryAt;
    return end;
  }
  place.key = key;
  place.keyLength = keyLength;
  place.value = value;
  place.valueLength = valueLength;
  return end;
}
