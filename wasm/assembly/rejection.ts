import { INPUT, REJECTION_SIZE, REJECTIONS } from './layout';
import { CHARACTER_CLASSES, CLASS_VOTE_ID, MAX_ATTRIBUTE_KEY_BYTES } from './limits';

/** Which field a problem is about; the host has the same numbers. */
export const FIELD_NONE: u32 = 0;
export const FIELD_CONTEST: u32 = 1;
export const FIELD_CHOICE: u32 = 2;
export const FIELD_VOTER: u32 = 3;
export const FIELD_ATTRIBUTES: u32 = 4;
export const FIELD_VOTE_ID: u32 = 5;
export const FIELD_SEQUENCE: u32 = 6;
/** `vote` of a CastVoteRequest. */
export const FIELD_VOTE: u32 = 7;
/** `votes` of a CastVotesRequest. */
export const FIELD_VOTES: u32 = 8;
/** A key that a vote has not; the name is the rejection's key. */
export const FIELD_UNKNOWN: u32 = 9;

/**
 * One refused vote, or the refused body. The host reads it from memory:
 * index u32, code u32, offset u32, field u8, length of the key u8, 2 unused, key 32 bytes.
 */
@unmanaged
export class Rejection {
  index: u32;
  code: u32;
  offset: u32;
  field: u8;
  keyLength: u8;
  unused: u16;
}
const KEY: usize = 16;

/** The rejection being filled: rejections[rejectedCount]. */
let current: usize = REJECTIONS;
let rejectedCount: u32 = 0;

export function resetRejections(): void {
  current = REJECTIONS;
  rejectedCount = 0;
}

export function rejections(): u32 {
  return rejectedCount;
}

/** Keeps what was noted as the rejection of vote `index`, and makes room for the next. */
export function keepRejection(index: u32): void {
  changetype<Rejection>(current).index = index;
  rejectedCount++;
  current += REJECTION_SIZE;
}

/** What an export returns when the body as a whole was refused: the reason is then the first rejection. */
export const FAILED: i32 = -1;

export function failBody(code: u32, at: usize, field: u32): i32 {
  resetRejections();
  refuse(code, at, field);
  changetype<Rejection>(current).index = 0;
  return FAILED;
}

/** The body is refused for what was noted last. */
export function failNoted(): i32 {
  memory.copy(REJECTIONS, current, REJECTION_SIZE);
  changetype<Rejection>(REJECTIONS).index = 0;
  return FAILED;
}

/** Before each vote. */
export function clearNote(): void {
  changetype<Rejection>(current).code = 0;
}

export function noted(): u32 {
  return changetype<Rejection>(current).code;
}

export function notedAt(): usize {
  return INPUT + <usize>changetype<Rejection>(current).offset;
}

/** What arrived can't be read: stands above anything noted before. */
export function refuse(code: u32, at: usize, field: u32): void {
  const rejection = changetype<Rejection>(current);
  rejection.code = code;
  rejection.offset = <u32>(at - INPUT);
  rejection.field = <u8>field;
  rejection.keyLength = 0;
}

/** A rule is broken: the first one stands, and reading goes on, for what can't be read comes first. */
export function note(code: u32, at: usize, field: u32): void {
  if (noted() === 0) refuse(code, at, field);
}

/** As `note`, with the key of an attribute or of an unknown field; a length of 0 is no key. */
export function noteWithKey(code: u32, at: usize, field: u32, key: usize, keyLength: usize): void {
  if (noted() === 0) refuseWithKey(code, at, field, key, keyLength);
}

export function refuseWithKey(code: u32, at: usize, field: u32, key: usize, keyLength: usize): void {
  refuse(code, at, field);
  if (!isShowable(key, keyLength)) return;
  changetype<Rejection>(current).keyLength = <u8>keyLength;
  memory.copy(current + KEY, key, keyLength);
}

/** Only a plain short name is told back to the sender. */
function isShowable(key: usize, length: usize): bool {
  if (length === 0 || length > MAX_ATTRIBUTE_KEY_BYTES) return false;
  for (let at: usize = 0; at < length; at++) {
    const byte = load<u8>(key + at);
    if (byte >= 0x80 || (<u32>load<u8>(CHARACTER_CLASSES + <usize>byte) & CLASS_VOTE_ID) === 0) return false;
  }
  return true;
}
