import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { FIELD_NONE } from '../../rejection-field.ts';
import { byteAt } from '../memory.ts';
import { REFUSED, refuse } from '../rejection.ts';
import { readNumber, startsNumber } from './json-number.ts';
import { readString } from './json-string.ts';

/** Deeper values are rejected without parsing. */
const MAX_DEPTH = 8;

export function malformed(at: number): number {
  refuse(ErrorCode.MALFORMED_JSON, at, FIELD_NONE);
  return REFUSED;
}

/** The next position that is not white space, at most `end`. */
export function skipSpace(start: number, end: number): number {
  let p = start;
  if (byteAt(p) > 0x20) return p;
  while (p < end && isSpace(byteAt(p))) p++;
  return p;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Skips any value, checking its grammar only; `depth` objects or arrays contain it. Returns the position after it. */
export function skipValue(p: number, end: number, depth: number): number {
  const first = byteAt(p);
  if (first !== 0x7b && first !== 0x5b) return skipScalar(p);
  if (depth === MAX_DEPTH) {
    refuse(ErrorCode.NESTED_TOO_DEEP, p, FIELD_NONE);
    return REFUSED;
  }
  return skipMembers(p, end, depth + 1);
}

/** Skips the object or array at `start`; `depth` includes it. */
function skipMembers(start: number, end: number, depth: number): number {
  const isObject = byteAt(start) === 0x7b;
  const close = isObject ? 0x7d : 0x5d;
  let p = skipSpace(start + 1, end);
  if (byteAt(p) === close) return p + 1;
  for (;;) {
    if (isObject) {
      p = skipKey(p, end);
      if (p === REFUSED) return REFUSED;
    }
    p = skipValue(p, end, depth);
    if (p === REFUSED) return REFUSED;
    p = skipSpace(p, end);
    const next = byteAt(p);
    if (next === close) return p + 1;
    if (next !== 0x2c) return malformed(p);
    p = skipSpace(p + 1, end);
  }
}

/** Skips a key, its colon and the white space around them. */
function skipKey(p: number, end: number): number {
  if (byteAt(p) !== 0x22) return malformed(p);
  const next = readString(p + 1);
  return next === REFUSED ? REFUSED : skipColon(next, end);
}

export function skipColon(start: number, end: number): number {
  const p = skipSpace(start, end);
  return byteAt(p) === 0x3a ? skipSpace(p + 1, end) : malformed(p);
}

function skipScalar(p: number): number {
  const first = byteAt(p);
  if (first === 0x22) return readString(p + 1);
  if (startsNumber(first)) return readNumber(p);
  if (isWord(p, 'true') || isWord(p, 'null')) return p + 4;
  return isWord(p, 'false') ? p + 5 : malformed(p);
}

function isWord(p: number, word: string): boolean {
  for (let at = 0; at < word.length; at++) if (byteAt(p + at) !== word.charCodeAt(at)) return false;
  return true;
}
