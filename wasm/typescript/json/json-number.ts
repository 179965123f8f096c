import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { MAX_SEQUENCE } from '../../limits.ts';
import { FIELD_NONE } from '../../rejection-field.ts';
import { byteAt } from '../memory.ts';
import { REFUSED, refuse } from '../rejection.ts';

/** The last number read: whether its value is an integer from 0 to MAX_SEQUENCE, however written, and the value if so. */
export const number = { isSequence: false, value: 0 };

export function startsNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2d;
}

/** Returns the position after the number at `start`, or REFUSED. */
export function readNumber(start: number): number {
  let p = start;
  if (byteAt(p) === 0x2d) p++;
  const digits = p;
  if (!isDigit(byteAt(p))) return malformed(p);
  let value = 0;
  if (byteAt(p) === 0x30) p++;
  // Exact up to MAX_SEQUENCE; larger numbers never round below it.
  else for (let byte = byteAt(p); isDigit(byte); byte = byteAt(++p)) value = value * 10 + (byte - 0x30);
  const next = byteAt(p);
  if (next === 0x2e || (next | 0x20) === 0x65) {
    const mark = p;
    p = skipFraction(p);
    if (p === REFUSED) return REFUSED;
    value = integerValue(digits, mark - digits, p);
  }
  number.isSequence = value >= 0 && value <= MAX_SEQUENCE && (digits === start || value === 0);
  number.value = value;
  return p;
}

/** The value of a string of 1 to 16 digits; above MAX_SEQUENCE if it is longer; -1 if it has any other character. */
export function digitsValue(start: number, length: number): number {
  if (length === 0) return -1;
  let value = 0;
  for (let p = start; p < start + length; p++) {
    const byte = byteAt(p);
    if (!isDigit(byte)) return -1;
    value = value * 10 + (byte - 0x30);
  }
  return length > 16 ? Number.POSITIVE_INFINITY : value;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function malformed(at: number): number {
  refuse(ErrorCode.MALFORMED_JSON, at, FIELD_NONE);
  return REFUSED;
}

/** Skips the part of a number from its point or exponent. */
function skipFraction(start: number): number {
  let p = start;
  if (byteAt(p) === 0x2e) {
    p = skipDigits(p + 1);
    if (p === REFUSED) return REFUSED;
  }
  if ((byteAt(p) | 0x20) !== 0x65) return p;
  const sign = byteAt(++p);
  return skipDigits(sign === 0x2b || sign === 0x2d ? p + 1 : p);
}

function skipDigits(start: number): number {
  let p = start;
  if (!isDigit(byteAt(p))) return malformed(p);
  while (isDigit(byteAt(p))) p++;
  return p;
}

/**
 * The exact value of a number with a point or an exponent, either of which follows `whole` digits. Above MAX_SEQUENCE
 * if the number is larger; -1 if it is not an integer.
 */
function integerValue(digits: number, whole: number, end: number): number {
  let p = digits;
  let value = 0;
  // Number of digits before the point after the exponent has moved it.
  let places = whole + exponentOf(digits, end);
  for (let byte = byteAt(p); isDigit(byte) || byte === 0x2e; byte = byteAt(++p)) {
    if (byte === 0x2e) continue;
    if (places-- > 0) value = tenTimes(value) + (byte - 0x30);
    else if (byte !== 0x30) return -1;
  }
  while (places-- > 0 && value > 0 && value <= MAX_SEQUENCE) value *= 10;
  return value;
}

/** Saturates: a value above MAX_SEQUENCE stays above it. */
function tenTimes(value: number): number {
  return value <= MAX_SEQUENCE ? value * 10 : value;
}

/** More digits than a vote can have. */
const HUGE_EXPONENT = 100_000;

/** The exponent of the number that ends at `end`; at most HUGE_EXPONENT either way. */
function exponentOf(start: number, end: number): number {
  let p = start;
  while (p < end && (byteAt(p) | 0x20) !== 0x65) p++;
  if (p === end) return 0;
  const sign = byteAt(++p);
  if (sign === 0x2b || sign === 0x2d) p++;
  let exponent = 0;
  for (; p < end; p++) exponent = Math.min(exponent * 10 + (byteAt(p) - 0x30), HUGE_EXPONENT);
  return sign === 0x2d ? -exponent : exponent;
}
