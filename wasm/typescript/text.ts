import {
  CHARACTER_CLASSES,
  CLASS_ID,
  CLASS_ID_FIRST,
  TEXT_DENIED,
  VOTER_FIRST_DENIED,
  VOTER_INNER_DENIED,
  VOTER_LAST_DENIED,
} from '../limits.ts';
import { byteAt } from './memory.ts';

/** No problem found. */
export const NONE = -1;

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/**
 * Length of the UTF-8 sequence at `p`, 2 to 4, or 0 if it is invalid: overlong, a surrogate or beyond U+10FFFF. Stops at
 * the first byte that is not a continuation, so any such byte may terminate the text.
 */
export function utf8Length(p: number): number {
  const lead = byteAt(p);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = byteAt(p + 1);
  if (!isContinuation(second)) return 0;
  if (lead < 0xe0) return 2;
  if (!isContinuation(byteAt(p + 2))) return 0;
  if (lead < 0xf0) return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? 0 : 3;
  if (!isContinuation(byteAt(p + 3))) return 0;
  return (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f) ? 0 : 4;
}

/** Whether all bytes are printable ASCII, hence valid in a text. */
export function isPrintable(start: number, length: number): boolean {
  for (let p = start; p < start + length; p++) {
    const byte = byteAt(p);
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

/** Index of the first byte that is not UTF-8, or NONE. */
export function utf8Problem(start: number, length: number): number {
  const end = start + length;
  for (let p = start; p < end; ) {
    if (byteAt(p) < 0x80) {
      p++;
      continue;
    }
    const sequence = utf8Length(p);
    if (sequence === 0 || p + sequence > end) return p - start;
    p += sequence;
  }
  return NONE;
}

/** Index of the first character not allowed in a text, or NONE. The bytes must be valid UTF-8. */
export function textProblem(start: number, length: number): number {
  const end = start + length;
  for (let p = start; p < end; ) {
    const byte = byteAt(p);
    if (byte < 0x80) {
      if (byte < 0x20 || byte === 0x7f) return p - start;
      p++;
      continue;
    }
    const sequence = utf8Length(p);
    if (isIn(TEXT_DENIED, codePoint(p, sequence))) return p - start;
    p += sequence;
  }
  return NONE;
}

/** Whether a voter of printable ASCII is valid: it neither starts nor ends with a space. */
export function isPlainVoter(start: number, length: number): boolean {
  return length > 0 && byteAt(start) !== SPACE && byteAt(start + length - 1) !== SPACE;
}

/** Index of a voter's first character that is not allowed at its position, or NONE. The bytes must be valid UTF-8. */
export function voterProblem(start: number, length: number): number {
  const end = start + length;
  for (let p = start; p < end; ) {
    const sequence = byteAt(p) < 0x80 ? 1 : utf8Length(p);
    const next = p + sequence;
    const denied = p === start ? VOTER_FIRST_DENIED : next === end ? VOTER_LAST_DENIED : VOTER_INNER_DENIED;
    if (isIn(denied, sequence === 1 ? byteAt(p) : codePoint(p, sequence))) return p - start;
    p = next;
  }
  return NONE;
}

const SPACE = 0x20;

function codePoint(p: number, sequence: number): number {
  let code = byteAt(p) & (0xff >> (sequence + 1));
  for (let at = 1; at < sequence; at++) code = (code << 6) | (byteAt(p + at) & 0x3f);
  return code;
}

/** Whether a code point is in one of the sorted ranges, each given by its first and last code point. */
function isIn(ranges: Uint32Array, code: number): boolean {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && code >= (ranges[2 * low] as number);
}

/** Index of the first character outside the class (CLASS_ID or CLASS_VOTE_ID), or NONE. */
export function classProblem(start: number, length: number, characterClass: number): number {
  for (let at = 0; at < length; at++) {
    const wanted = at === 0 && characterClass === CLASS_ID ? CLASS_ID_FIRST : characterClass;
    if (((CHARACTER_CLASSES[byteAt(start + at)] ?? 0) & wanted) === 0) return at;
  }
  return NONE;
}
