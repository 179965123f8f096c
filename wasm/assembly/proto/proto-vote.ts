import { clearVote, placeAttribute, theVote } from '../vote';
import { contentLength, malformedProto, readLength, readTag, readVarint, skipField, tag, varint } from './proto-field';
import { checkRules, noteUtf8 } from './proto-rules';

const CONTEST: u32 = 0x0a;
const CHOICE: u32 = 0x12;
const VOTER: u32 = 0x1a;
const ATTRIBUTES: u32 = 0x22;
const VOTE_ID: u32 = 0x2a;
const SEQUENCE: u32 = 0x30;
/** Larger tags belong to unknown fields. */
const LAST: u32 = 0x37;

/** Tags of a map entry. */
const KEY: u32 = 0x0a;
const VALUE: u32 = 0x12;
const LAST_OF_ENTRY: u32 = 0x17;

/** Position of the tag of the first entry past the limit, or 0. */
let tooManyAt: usize = 0;

export function beginProtoVote(): void {
  clearVote();
  tooManyAt = 0;
}

/** The record of the option of the vote that was read (table.ts), or 0 with the reason noted. */
export function endProtoVote(): usize {
  return checkRules(tooManyAt);
}

/**
 * Reads a Vote from `p` to `end` into the current one. As protobuf requires, parts of one message merge, and the last
 * value of a singular field or map key wins. Returns `end`, or 0 after `refuse`.
 */
export function readProtoVote(p: usize, end: usize): usize {
  const vote = theVote();
  vote.endAt = end;
  while (p < end) {
    const at = p;
    p = readTag(p, end);
    if (p === 0) return 0;
    const found = tag;
    if (found === SEQUENCE) {
      vote.sequenceAt = p;
      p = readVarint(p, end);
      if (p === 0) return malformedProto(at);
      vote.sequence = varint;
    } else if (found > LAST) {
      p = skipField(p, end, at, 0);
    } else if ((found & 7) !== 2 || found > VOTE_ID) {
      // All other fields are length-delimited; a known field with another wire type is rejected, not skipped.
      return malformedProto(at);
    } else {
      p = readLength(p, end, at);
      if (p === 0) return 0;
      p = found === ATTRIBUTES ? readEntry(p, p + contentLength, at) : keepString(found, p, contentLength);
    }
    if (p === 0) return 0;
  }
  return end;
}

function keepString(found: u32, p: usize, length: usize): usize {
  const vote = theVote();
  switch (found) {
    case CONTEST:
      if (vote.contestAt !== 0) noteUtf8(vote.contest, vote.contestLength);
      vote.contest = p;
      vote.contestLength = length;
      vote.contestAt = p;
      break;
    case CHOICE:
      if (vote.choiceAt !== 0) noteUtf8(vote.choice, vote.choiceLength);
      vote.choice = p;
      vote.choiceLength = length;
      vote.choiceAt = p;
      break;
    case VOTER:
      if (vote.voterAt !== 0) noteUtf8(vote.voter, vote.voterLength);
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
function readEntry(p: usize, end: usize, entryAt: usize): usize {
  let key = end;
  let keyLength: usize = 0;
  let value = end;
  let valueLength: usize = 0;
  while (p < end) {
    const at = p;
    p = readTag(p, end);
    if (p === 0) return 0;
    const found = tag;
    if (found > LAST_OF_ENTRY) {
      p = skipField(p, end, at, 0);
      if (p === 0) return 0;
      continue;
    }
    if (found !== KEY && found !== VALUE) {
      return malformedProto(at);
    }
    p = readLength(p, end, at);
    if (p === 0) return 0;
    noteUtf8(p, contentLength);
    if (found === KEY) {
      key = p;
      keyLength = contentLength;
    } else {
      value = p;
      valueLength = contentLength;
    }
    p += contentLength;
  }
  const place = placeAttribute(key, keyLength);
  if (place === null) {
    if (tooManyAt === 0) tooManyAt = entryAt;
    return end;
  }
  place.key = key;
  place.keyLength = keyLength;
  place.value = value;
  place.valueLength = valueLength;
  return end;
}
