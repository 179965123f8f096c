import { MALFORMED_JSON, NESTED_TOO_DEEP } from '../error-code';
import { MAX_SEQUENCE } from '../limits';
import { FIELD_NONE, refuse } from '../rejection';
import { readString } from './json-string';

/** Deeper values are refused without parsing them. */
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

function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) < 10;
}

export function startsNumber(byte: u8): bool {
  return isDigit(byte) || byte === 0x2d;
}

/** The last number read: whether it is an integer in range, written without point and exponent, and its value if so. */
export let numberIsSequence: bool = false;
export let numberValue: u64 = 0;

/** Returns the position after the number at `p`, or 0 after `refuse`. */
export function readNumber(p: usize): usize {
  const start = p;
  if (load<u8>(p) === 0x2d) p++;
  if (!isDigit(load<u8>(p))) return malformed(p);
  let value: u64 = 0;
  const digits = p;
  if (load<u8>(p) === 0x30) {
    p++;
  } else {
    // 19 digits fit; more are always out of range.
    for (; isDigit(load<u8>(p)); p++) value = value * 10 + <u64>(load<u8>(p) - 0x30);
  }
  numberIsSequence = digits === start && p - digits <= 19 && value <= MAX_SEQUENCE;
  numberValue = value;
  if (load<u8>(p) === 0x2e) {
    numberIsSequence = false;
    p++;
    if (!isDigit(load<u8>(p))) return malformed(p);
    while (isDigit(load<u8>(p))) p++;
  }
  if ((load<u8>(p) | 0x20) === 0x65) {
    numberIsSequence = false;
    p++;
    const sign = load<u8>(p);
    if (sign === 0x2b || sign === 0x2d) p++;
    if (!isDigit(load<u8>(p))) return malformed(p);
    while (isDigit(load<u8>(p))) p++;
  }
  return p;
}
