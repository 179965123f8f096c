import { INPUT, REJECTION_SIZE, REJECTIONS } from './layout';
import { CHARACTER_CLASSES, CLASS_VOTE_ID, MAX_ATTRIBUTE_KEY_BYTES } from './limits';

/** Numbers of the fields in a rejection; the same as in rejection-field.ts. */
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
/** An unknown key; the rejection's key holds its name. */
export const FIELD_UNKNOWN: u32 = 9;

/**
 * One rejected vote, or the rejected body, as the host reads it from memory:
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

/** Keeps the note as the rejection of vote `index` and starts the next one. */
export function keepRejection(index: u32): void {
  changetype<Rejection>(current).index = index;
  rejectedCount++;
  current += REJECTION_SIZE;
}

/** Returned by an export that rejected the whole body; the first rejection is the reason. */
export const FAILED: i32 = -1;

export function failBody(code: u32, at: usize, field: u32): i32 {
  resetRejections();
  refuse(code, at, field);
  changetype<Rejection>(current).index = 0;
  return FAILED;
}

/** Rejects the body with the last note as the reason. */
export function failNoted(): i32 {
  memory.copy(REJECTIONS, current, REJECTION_SIZE);
  changetype<Rejection>(REJECTIONS).index = 0;
  return FAILED;
}

/** Call before each vote. */
export function clearNote(): void {
  changetype<Rejection>(current).code = 0;
}

export function noted(): u32 {
  return changetype<Rejection>(current).code;
}

export function notedAt(): usize {
  return INPUT + <usize>changetype<Rejection>(current).offset;
}

/** Notes malformed input, which overrides an earlier note. */
export function refuse(code: u32, at: usize, field: u32): void {
  const rejection = changetype<Rejection>(current);
  rejection.code = code;
  rejection.offset = <u32>(at - INPUT);
  rejection.field = <u8>field;
  rejection.keyLength = 0;
}

/** Notes a broken rule unless there is a note already. Reading continues: malformed input takes precedence. */
export function note(code: u32, at: usize, field: u32): void {
  if (noted() === 0) refuse(code, at, field);
}

/** Like `note`, with the key of an attribute or unknown field; length 0: no key. */
export function noteWithKey(code: u32, at: usize, field: u32, key: usize, keyLength: usize): void {
  if (noted() === 0) refuseWithKey(code, at, field, key, keyLength);
}

export function refuseWithKey(code: u32, at: usize, field: u32, key: usize, keyLength: usize): void {
  refuse(code, at, field);
  if (!isShowable(key, keyLength)) return;
  changetype<Rejection>(current).keyLength = <u8>keyLength;
  memory.copy(current + KEY, key, keyLength);
}

/** Whether a name is short and plain enough to be repeated to the sender. */
function isShowable(key: usize, length: usize): bool {
  if (length === 0 || length > MAX_ATTRIBUTE_KEY_BYTES) return false;
  for (let at: usize = 0; at < length; at++) {
    const byte = load<u8>(key + at);
    if (byte >= 0x80 || (<u32>load<u8>(CHARACTER_CLASSES + <usize>byte) & CLASS_VOTE_ID) === 0) return false;
  }
  return true;
}
