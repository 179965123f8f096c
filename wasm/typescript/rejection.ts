import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Rejection } from '../codec.ts';
import { CHARACTER_CLASSES, CLASS_VOTE_ID, MAX_ATTRIBUTE_KEY_BYTES } from '../limits.ts';
import { fieldName } from '../rejection-field.ts';
import { byteAt } from './memory.ts';

/** What was noted of the vote being read; code 0 is nothing. */
const current = { code: 0, at: 0, field: 0, key: '' };

/** Before each vote. */
export function clearNote(): void {
  current.code = 0;
}

export function noted(): number {
  return current.code;
}

export function notedAt(): number {
  return current.at;
}

/** What was noted, as the rejection of vote `index`. */
export function rejectionOf(index: number): Rejection {
  const rejection = { index, code: current.code as ErrorCode, offset: current.at };
  const field = fieldName(current.field, current.key);
  return field === undefined ? rejection : { ...rejection, field };
}

/** What arrived can't be read: stands above anything noted before. */
export function refuse(code: ErrorCode, at: number, field: number): void {
  current.code = code;
  current.at = at;
  current.field = field;
  current.key = '';
}

/** A rule is broken: the first one stands, and reading goes on, for what can't be read comes first. */
export function note(code: ErrorCode, at: number, field: number): void {
  if (current.code === 0) refuse(code, at, field);
}

/** Where a key stands in memory; a length of 0 is no key. */
export interface Key {
  readonly start: number;
  readonly length: number;
}

export const NO_KEY: Key = { start: 0, length: 0 };

/** As `note`, with the key of an attribute or of an unknown field. */
export function noteWithKey(code: ErrorCode, at: number, field: number, key: Key): void {
  if (current.code === 0) refuseWithKey(code, at, field, key);
}

export function refuseWithKey(code: ErrorCode, at: number, field: number, key: Key): void {
  refuse(code, at, field);
  current.key = showable(key);
}

/** Only a plain short name is told back to the sender; any other is told as none. */
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
