import {
  CHARACTER_CLASSES,
  CLASS_ID,
  CLASS_ID_FIRST,
  TEXT_DENIED,
  TEXT_DENIED_RANGES,
  VOTER_FIRST_DENIED,
  VOTER_FIRST_DENIED_RANGES,
  VOTER_INNER_DENIED,
  VOTER_INNER_DENIED_RANGES,
  VOTER_LAST_DENIED,
  VOTER_LAST_DENIED_RANGES,
} from './limits';

/** No problem found. */
export const NONE: usize = usize.MAX_VALUE;

/**
 * Length of the UTF-8 sequence at `p`, 2 to 4, or 0 if it is invalid: overlong, a surrogate or beyond U+10FFFF. Stops at
 * the first byte that is not a continuation, so any such byte may terminate the text.
 */
export function utf8Length(p: usize): usize {
  const lead = load<u8>(p);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = load<u8>(p + 1);
  if ((second & 0xc0) !== 0x80) return 0;
  if (lead < 0xe0) return 2;
  if ((load<u8>(p + 2) & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0 && second < 0xa0) return 0;
    if (lead === 0xed && second > 0x9f) return 0;
    return 3;
  }
  if ((load<u8>(p + 3) & 0xc0) !== 0x80) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return 4;
}

/** Whether all `length` bytes are printable ASCII, hence valid in a text. */
export function isPrintable(p: usize, length: usize): bool {
  while (length >= 16) {
    if (unprintable(p) !== 0) return false;
    p += 16;
    length -= 16;
  }
  return length === 0 || (unprintable(p) & ((1 << (<u32>length)) - 1)) === 0;
}

/** Bit i: byte i of 16 is a control character, DEL or beyond ASCII. */
function unprintable(p: usize): u32 {
  const bytes = v128.load(p);
  return i8x16.bitmask(v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x7f))));
}

/** Index of the first byte that is not UTF-8, or NONE. */
export function utf8Problem(p: usize, length: usize): usize {
  if (isPrintable(p, length)) return NONE;
  let at: usize = 0;
  while (at < length) {
    if (load<u8>(p + at) < 0x80) {
      at++;
      continue;
    }
    const sequence = utf8Length(p + at);
    if (sequence === 0 || at + sequence > length) return at;
    at += sequence;
  }
  return NONE;
}

/** Index of the first character not allowed in a text, or NONE. The bytes must be valid UTF-8. */
export function textProblem(p: usize, length: usize): usize {
  if (isPrintable(p, length)) return NONE;
  let at: usize = 0;
  while (at < length) {
    const byte = <u32>load<u8>(p + at);
    if (byte < 0x80) {
      if (byte < 0x20 || byte === 0x7f) return at;
      at++;
      continue;
    }
    const sequence = utf8Length(p + at);
    if (isIn(TEXT_DENIED, TEXT_DENIED_RANGES, codePoint(p + at, sequence))) return at;
    at += sequence;
  }
  return NONE;
}

const SPACE: u8 = 0x20;

/** Whether a voter of printable ASCII is valid: it neither starts nor ends with a space. */
export function isPlainVoter(p: usize, length: usize): bool {
  return length > 0 && load<u8>(p) !== SPACE && load<u8>(p + length - 1) !== SPACE;
}

/** Index of a voter's first character that is not allowed at its position, or NONE. The bytes must be valid UTF-8. */
export function voterProblem(p: usize, length: usize): usize {
  let at: usize = 0;
  while (at < length) {
    const byte = <u32>load<u8>(p + at);
    const sequence: usize = byte < 0x80 ? 1 : utf8Length(p + at);
    const code = sequence === 1 ? byte : codePoint(p + at, sequence);
    const next = at + sequence;
    const isDenied =
      at === 0
        ? isIn(VOTER_FIRST_DENIED, VOTER_FIRST_DENIED_RANGES, code)
        : next === length
          ? isIn(VOTER_LAST_DENIED, VOTER_LAST_DENIED_RANGES, code)
          : isIn(VOTER_INNER_DENIED, VOTER_INNER_DENIED_RANGES, code);
    if (isDenied) return at;
    at = next;
  }
  return NONE;
}

function codePoint(p: usize, sequence: usize): u32 {
  let code = <u32>load<u8>(p) & (0xff >> (<u32>sequence + 1));
  for (let at: usize = 1; at < sequence; at++) code = (code << 6) | (<u32>load<u8>(p + at) & 0x3f);
  return code;
}

/** Whether a code point is in one of the sorted ranges, each given by its first and last code point. */
function isIn(ranges: usize, count: u32, code: u32): bool {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code > load<u32>(ranges + ((<usize>middle) << 3) + 4)) low = middle + 1;
    else high = middle;
  }
  return low < count && code >= load<u32>(ranges + ((<usize>low) << 3));
}

/** Index of the first character outside the class (CLASS_ID or CLASS_VOTE_ID), or NONE. */
export function classProblem(p: usize, length: usize, characterClass: u32): usize {
  // No branch per byte: problems are rare.
  let common = characterClass;
  for (let at: usize = 0; at < length; at++) common &= classesOf(p + at);
  const isFirst = characterClass !== CLASS_ID || length === 0 || (classesOf(p) & CLASS_ID_FIRST) !== 0;
  if (!isFirst) return 0;
  if (common !== 0) return NONE;
  let at: usize = 0;
  while ((classesOf(p + at) & characterClass) !== 0) at++;
  return at;
}

function classesOf(p: usize): u32 {
  return <u32>load<u8>(CHARACTER_CLASSES + <usize>load<u8>(p));
}
