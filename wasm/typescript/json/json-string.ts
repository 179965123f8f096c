import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { FIELD_NONE } from '../../rejection-field.ts';
import { byteAt, memory, SCRATCH } from '../memory.ts';
import { REFUSED, refuse } from '../rejection.ts';
import { utf8Length } from '../text.ts';

/** The last string read, escapes resolved. */
export const string = {
  start: 0,
  length: 0,
  /** Printable ASCII without escapes: valid as a text, and byte i is at `start + i` of the body. */
  plain: true,
};

let scratch = SCRATCH;

/** Call before each vote; invalidates the resolved strings of the previous one. */
export function resetScratch(): void {
  scratch = SCRATCH;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1: a quote, a backslash, a control character, DEL or beyond ASCII. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < 0x20 || byte > 0x7e ? 1 : 0,
);

/** Reads a string whose opening quote is right before `p`. Returns the position after the closing quote, or REFUSED. */
export function readString(p: number): number {
  const body = memory;
  const special = SPECIAL;
  let q = p;
  while (special[body[q] as number] === 0) q++;
  if (body[q] !== QUOTE) return readEscaped(p, q);
  string.start = p;
  string.length = q - p;
  string.plain = true;
  return q + 1;
}

/** Continues readString at the first special byte, resolving into the scratch. */
function readEscaped(p: number, special: number): number {
  let q = special;
  let to = scratch;
  for (let at = p; at < q; at++) memory[to++] = byteAt(at);
  for (;;) {
    const byte = byteAt(q);
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      const written = readEscape(q, to);
      if (written === 0) return REFUSED;
      q = escaped.end;
      to += written;
    } else if (byte < 0x20) {
      return refused(ErrorCode.MALFORMED_JSON, q);
    } else if (byte < 0x80) {
      memory[to++] = byte;
      q++;
    } else {
      const length = utf8Length(q);
      if (length === 0) return refused(ErrorCode.INVALID_UTF8, q);
      for (let at = 0; at < length; at++) memory[to++] = byteAt(q++);
    }
  }
  string.start = scratch;
  string.length = to - scratch;
  string.plain = false;
  scratch = to;
  return q + 1;
}

function refused(code: ErrorCode, at: number): number {
  refuse(code, at, FIELD_NONE);
  return REFUSED;
}

/** End of the last escape read. */
const escaped = { end: 0 };

const SIMPLE_ESCAPES: Readonly<Record<number, number>> = {
  34: 0x22,
  47: 0x2f,
  92: 0x5c,
  98: 0x08,
  102: 0x0c,
  110: 0x0a,
  114: 0x0d,
  116: 0x09,
};

/** Resolves the escape at `q`; returns how many bytes it wrote to `to`, or 0 after `refuse`. Sets escaped.end. */
function readEscape(q: number, to: number): number {
  const letter = byteAt(q + 1);
  escaped.end = q + 2;
  if (letter === 0x75) return readUnicodeEscape(q, to);
  const resolved = SIMPLE_ESCAPES[letter];
  if (resolved === undefined) {
    refuse(ErrorCode.MALFORMED_JSON, q, FIELD_NONE);
    return 0;
  }
  memory[to] = resolved;
  return 1;
}

function readUnicodeEscape(q: number, to: number): number {
  let code = readHex(q + 2);
  if (code < 0) {
    refuse(ErrorCode.MALFORMED_JSON, q, FIELD_NONE);
    return 0;
  }
  escaped.end = q + 6;
  if (code >= 0xd800 && code <= 0xdfff) {
    // A high surrogate must be followed by a low one.
    const low = code <= 0xdbff && byteAt(q + 6) === BACKSLASH && byteAt(q + 7) === 0x75 ? readHex(q + 8) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
      refuse(ErrorCode.INVALID_UTF8, q, FIELD_NONE);
      return 0;
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    escaped.end = q + 12;
  }
  return writeUtf8(to, code);
}

/** Four hexadecimal digits, or -1. */
function readHex(p: number): number {
  let value = 0;
  for (let at = p; at < p + 4; at++) {
    const digit = hexDigit(byteAt(at));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function writeUtf8(to: number, code: number): number {
  if (code < 0x80) {
    memory[to] = code;
    return 1;
  }
  const length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  let rest = code;
  for (let at = to + length - 1; at > to; at--) {
    memory[at] = 0x80 | (rest & 0x3f);
    rest >>= 6;
  }
  memory[to] = ((0xf00 >> length) & 0xff) | rest;
  return length;
}

/**
 * Position in the body of byte `index` of a resolved string whose opening quote is at `quote`: the position of the
 * escape that produced the byte, or of the byte itself. The string must have been read successfully before.
 */
export function placeInBody(quote: number, index: number): number {
  let q = quote + 1;
  let at = 0;
  for (;;) {
    let length = 1;
    escaped.end = q + 1;
    // Writes past the scratch, to memory that is never read: only the escape's length is needed.
    if (byteAt(q) === BACKSLASH) length = readEscape(q, memory.length - 4);
    if (at + length > index) return q;
    at += length;
    q = escaped.end;
  }
}
