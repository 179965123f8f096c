import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Rejection } from '../codec.ts';
import { CHARACTER_CLASSES, CLASS_VOTE_ID, MAX_ATTRIBUTE_KEY_BYTES } from '../limits.ts';
import { fieldName } from '../rejection-field.ts';
import { byteAt } from './memory.ts';

/** Returned instead of a position after `refuse`. */
export const REFUSED = -1;

/** The note about the vote being read; code 0: none. */
const current = { code: 0, at: 0, field: 0, key: '' };

/** Call before each vote. */
export function clearNote(): void {
  current.code = 0;
}

export function noted(): number {
  return current.code;
}

export function notedAt(): number {
  return current.at;
}

/** The note as the rejection of vote `index`. */
export function rejectionOf(index: number): Rejection {
  const rejection = { index, code: current.code as ErrorCode, offset: current.at };
  const field = fieldName(current.field, current.key);
  return field === undefined ? rejection : { ...rejection, field };
}

/** Notes malformed input, which overrides an earlier note. */
export function refuse(code: ErrorCode, at: number, field: number): void {
  current.code = code;
  current.at = at;
  current.field = field;
  current.key = '';
}

/** Notes a broken rule unless there is a note already. Reading continues: malformed input takes precedence. */
export function note(code: ErrorCode, at: number, field: number): void {
  if (current.code === 0) refuse(code, at, field);
}

/** A key's position in memory; length 0: no key. */
export interface Key {
  readonly start: number;
  readonly length: number;
}

export const NO_KEY: Key = { start: 0, length: 0 };

/** Like `note`, with the key of an attribute or unknown field. */
export function noteWithKey(code: ErrorCode, at: number, field: number, key: Key): void {
  if (current.code === 0) refuseWithKey(code, at, field, key);
}

export function refuseWithKey(code: ErrorCode, at: number, field: number, key: Key): void {
  refuse(code, at, field);
  current.key = showable(key);
}

/** The name if it is short and plain enough to be repeated to the sender, else empty. */
function showable({ start, length }: Key): string {
  if (length === 0 || length > MAX_ATTRIBUTE_KEY_BYTES) return '';
  let name = '';
  for (let at = start; at < start + length; at++) {
    const byte = byteAt(at);
    if (((CHARACTER_CLASSES[byte] ?? 0) & CLASS_VOTE_ID) === 0) return '';
    name += String.fromCharCode(byte);
  }
  return name;
}
