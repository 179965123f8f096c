import { copy } from '../bytes';
import { INVALID_UTF8, MALFORMED_JSON } from '../error-code';
import { SCRATCH, STRING } from '../layout';
import { FIELD_NONE, refuse } from '../rejection';
import { utf8Length } from '../text';

/** The last string read, escapes resolved. */
@unmanaged
export class JsonString {
  start: usize;
  length: usize;
  /** Printable ASCII without escapes: valid as a text, and byte i is at `start + i` of the input. */
  plain: bool;
}

export function theString(): JsonString {
  return changetype<JsonString>(STRING);
}

let scratch: usize = SCRATCH;

/** Call before each vote; invalidates the resolved strings of the previous one. */
export function resetScratch(): void {
  scratch = SCRATCH;
}

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

/**
 * Reads a string whose opening quote is right before `p`. Returns the position after the closing quote, or 0 after
 * `refuse`. The input is followed by a control character (codec.ts writes it), which ends every search.
 */
export function readString(p: usize): usize {
  let q = p;
  let special = specials(q);
  while (special === 0) {
    q += 16;
    special = specials(q);
  }
  q += <usize>ctz<u32>(special);
  if (load<u8>(q) !== QUOTE) return readEscaped(p, q);
  const string = theString();
  string.start = p;
  string.length = q - p;
  string.plain = true;
  return q + 1;
}

/** Bit i: byte i of 16 is a quote, a backslash, a control character, DEL or beyond ASCII. */
function specials(p: usize): u32 {
  const bytes = v128.load(p);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x7f))),
    ),
  );
}

/** Continues readString at the first special byte `q`, resolving into the scratch. */
function readEscaped(p: usize, q: usize): usize {
  let to = scratch;
  copy(to, p, q - p);
  to += q - p;
  while (true) {
    const byte = load<u8>(q);
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      const escape = readEscape(q, to);
      if (escape === 0) return 0;
      q = escapeEnd;
      to += escape;
    } else if (byte < 0x20) {
      return refused(MALFORMED_JSON, q);
    } else if (byte < 0x80) {
      store<u8>(to++, byte);
      q++;
    } else {
      const length = utf8Length(q);
      if (length === 0) return refused(INVALID_UTF8, q);
      memory.copy(to, q, length);
      to += length;
      q += length;
    }
  }
  const string = theString();
  string.start = scratch;
  string.length = to - scratch;
  string.plain = false;
  scratch = to;
  return q + 1;
}

function refused(code: u32, at: usize): usize {
  refuse(code, at, FIELD_NONE);
  return 0;
}

let escapeEnd: usize = 0;

/** Resolves the escape at `q`; returns how many bytes it wrote to `to`, or 0 after `refuse`. Sets escapeEnd. */
function readEscape(q: usize, to: usize): usize {
  const letter = load<u8>(q + 1);
  escapeEnd = q + 2;
  if (letter === 0x75) return readUnicodeEscape(q, to);
  const resolved = simpleEscape(letter);
  if (resolved === 0) return refused(MALFORMED_JSON, q);
  store<u8>(to, resolved);
  return 1;
}

function simpleEscape(letter: u8): u8 {
  switch (letter) {
    case 0x22:
    case 0x2f:
    case 0x5c:
      return letter;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return 0;
  }
}

function readUnicodeEscape(q: usize, to: usize): usize {
  let code = readHex(q + 2);
  if (code < 0) return refused(MALFORMED_JSON, q);
  escapeEnd = q + 6;
  if (code >= 0xd800 && code <= 0xdfff) {
    // A high surrogate must be followed by a low one.
    if (code > 0xdbff || load<u16>(q + 6) !== 0x755c) return refused(INVALID_UTF8, q);
    const low = readHex(q + 8);
    if (low < 0xdc00 || low > 0xdfff) return refused(INVALID_UTF8, q);
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    escapeEnd = q + 12;
  }
  return writeUtf8(to, code);
}

/** Four hexadecimal digits, or -1. */
function readHex(p: usize): i32 {
  let value = 0;
  for (let at: usize = 0; at < 4; at++) {
    const digit = hexDigit(load<u8>(p + at));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function hexDigit(byte: u8): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function writeUtf8(to: usize, code: i32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)));
    store<u8>(to + 1, <u8>(0x80 | (code & 0x3f)));
    return 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)));
    store<u8>(to + 1, <u8>(0x80 | ((code >> 6) & 0x3f)));
    store<u8>(to + 2, <u8>(0x80 | (code & 0x3f)));
    return 3;
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)));
  store<u8>(to + 1, <u8>(0x80 | ((code >> 12) & 0x3f)));
  store<u8>(to + 2, <u8>(0x80 | ((code >> 6) & 0x3f)));
  store<u8>(to + 3, <u8>(0x80 | (code & 0x3f)));
  return 4;
}

/**
 * Position in the input of byte `index` of a resolved string whose opening quote is at `quote`: the position of the
 * escape that produced the byte, or of the byte itself. The string must have been read successfully before.
 */
export function placeInInput(quote: usize, index: usize): usize {
  let q = quote + 1;
  let at: usize = 0;
  while (true) {
    let length: usize = 1;
    escapeEnd = q + 1;
    if (load<u8>(q) === BACKSLASH) length = readEscape(q, SCRATCH_END);
    if (at + length > index) return q;
    at += length;
    q = escapeEnd;
  }
}

/** Output of the escapes that placeInInput resolves only to find their lengths. */
const SCRATCH_END: usize = STRING + 32;
