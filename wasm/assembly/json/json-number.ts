import { MALFORMED_JSON } from '../error-code';
import { MAX_SEQUENCE } from '../limits';
import { FIELD_NONE, refuse } from '../rejection';

/** The last number read: whether its value is an integer from 0 to MAX_SEQUENCE, however written, and the value if so. */
export let numberIsSequence: bool = false;
export let numberValue: u64 = 0;

export function startsNumber(byte: u8): bool {
  return isDigit(byte) || byte === 0x2d;
}

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
    if (p - digits > 19) value = u64.MAX_VALUE;
  }
  const next = load<u8>(p);
  if (next === 0x2e || (next | 0x20) === 0x65) {
    const whole = p - digits;
    p = skipFraction(p);
    if (p === 0) return 0;
    value = integerValue(digits, <i32>whole, p);
  }
  numberIsSequence = value <= MAX_SEQUENCE && (digits === start || value === 0);
  numberValue = value;
  return p;
}

export const NOT_DIGITS: u64 = u64.MAX_VALUE;

/** The value of a string of 1 to 16 digits; above MAX_SEQUENCE if longer; NOT_DIGITS if it has other characters. */
export function digitsValue(p: usize, length: usize): u64 {
  if (length === 0) return NOT_DIGITS;
  let value: u64 = 0;
  for (let at: usize = 0; at < length; at++) {
    const byte = load<u8>(p + at);
    if (!isDigit(byte)) return NOT_DIGITS;
    if (at < 16) value = value * 10 + <u64>(byte - 0x30);
  }
  return length > 16 ? MAX_SEQUENCE + 1 : value;
}

function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) < 10;
}

function malformed(at: usize): usize {
  refuse(MALFORMED_JSON, at, FIELD_NONE);
  return 0;
}

/** Skips the part of a number from its point or exponent. */
function skipFraction(p: usize): usize {
  if (load<u8>(p) === 0x2e) {
    p = skipDigits(p + 1);
    if (p === 0) return 0;
  }
  if ((load<u8>(p) | 0x20) !== 0x65) return p;
  const sign = load<u8>(++p);
  return skipDigits(sign === 0x2b || sign === 0x2d ? p + 1 : p);
}

function skipDigits(p: usize): usize {
  if (!isDigit(load<u8>(p))) return malformed(p);
  while (isDigit(load<u8>(p))) p++;
  return p;
}

/**
 * The exact value of a number with a point or an exponent, either of which follows `whole` digits. Above MAX_SEQUENCE
 * if the number is larger, or not an integer.
 */
function integerValue(p: usize, whole: i32, end: usize): u64 {
  let value: u64 = 0;
  // Number of digits before the point after the exponent has moved it.
  let places = whole + exponentOf(p, end);
  for (let byte = load<u8>(p); isDigit(byte) || byte === 0x2e; byte = load<u8>(++p)) {
    if (byte === 0x2e) continue;
    if (places-- > 0) value = tenTimes(value) + <u64>(byte - 0x30);
    else if (byte !== 0x30) return u64.MAX_VALUE;
  }
  while (places-- > 0 && value > 0 && value <= MAX_SEQUENCE) value *= 10;
  return value;
}

/** Saturates: a value above MAX_SEQUENCE stays above it. */
function tenTimes(value: u64): u64 {
  return value <= MAX_SEQUENCE ? value * 10 : value;
}

/** More digits than a vote can have. */
const HUGE_EXPONENT: i32 = 100_000;

/** The exponent of the number that ends at `end`; at most HUGE_EXPONENT either way. */
function exponentOf(p: usize, end: usize): i32 {
  while (p < end && (load<u8>(p) | 0x20) !== 0x65) p++;
  if (p === end) return 0;
  const sign = load<u8>(++p);
  if (sign === 0x2b || sign === 0x2d) p++;
  let exponent: i32 = 0;
  for (; p < end; p++) exponent = min(exponent * 10 + <i32>(load<u8>(p) - 0x30), HUGE_EXPONENT);
  return sign === 0x2d ? -exponent : exponent;
}
