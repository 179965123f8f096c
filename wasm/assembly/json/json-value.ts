import { MALFORMED_JSON, NESTED_TOO_DEEP } from '../error-code';
import { FIELD_NONE, refuse } from '../rejection';
import { readNumber, startsNumber } from './json-number';
import { readString } from './json-string';

/** Deeper values are rejected without parsing. */
const MAX_DEPTH: u32 = 8;

function malformed(at: usize): usize {
  refuse(MALFORMED_JSON, at, FIELD_NONE);
  return 0;
}

/** The next position that is not white space, at most `end`. */
export function skipSpace(p: usize, end: usize): usize {
  // A vote without white space costs one comparison.
  if (load<u8>(p) > 0x20) return p;
  while (p < end && isSpace(load<u8>(p))) p++;
  return p;
}

function isSpace(byte: u8): bool {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Skips any value, checking its grammar only; `depth` objects or arrays contain it. Returns the position after it, or 0
 * after `refuse`.
 */
export function skipValue(p: usize, end: usize, depth: u32): usize {
  const first = load<u8>(p);
  if (first !== 0x7b && first !== 0x5b) return skipScalar(p);
  if (depth === MAX_DEPTH) {
    refuse(NESTED_TOO_DEEP, p, FIELD_NONE);
    return 0;
  }
  return skipMembers(p, end, depth + 1);
}

/** Skips the object or array at `p`; `depth` includes it. */
function skipMembers(p: usize, end: usize, depth: u32): usize {
  const isObject = load<u8>(p) === 0x7b;
  const close: u8 = isObject ? 0x7d : 0x5d;
  p = skipSpace(p + 1, end);
  if (load<u8>(p) === close) return p + 1;
  while (true) {
    if (isObject) {
      p = skipKey(p, end);
      if (p === 0) return 0;
    }
    p = skipValue(p, end, depth);
    if (p === 0) return 0;
    p = skipSpace(p, end);
    const next = load<u8>(p);
    if (next === close) return p + 1;
    if (next !== 0x2c) return malformed(p);
    p = skipSpace(p + 1, end);
  }
}

/** Skips a key, its colon and the white space around them. */
function skipKey(p: usize, end: usize): usize {
  if (load<u8>(p) !== 0x22) return malformed(p);
  p = readString(p + 1);
  return p === 0 ? 0 : skipColon(p, end);
}

export function skipColon(p: usize, end: usize): usize {
  p = skipSpace(p, end);
  if (load<u8>(p) !== 0x3a) return malformed(p);
  return skipSpace(p + 1, end);
}

function skipScalar(p: usize): usize {
  switch (load<u8>(p)) {
    case 0x22:
      return readString(p + 1);
    case 0x74:
      return load<u32>(p) === 0x65757274 ? p + 4 : malformed(p);
    case 0x66:
      return load<u32>(p + 1) === 0x65736c61 ? p + 5 : malformed(p);
    case 0x6e:
      return load<u32>(p) === 0x6c6c756e ? p + 4 : malformed(p);
    default:
      return startsNumber(load<u8>(p)) ? readNumber(p) : malformed(p);
  }
}
