import { printable } from '../../http/quote.ts';

/** Maximum length of a quoted value, in bytes. */
const MAX_BYTES = 64;

/** The JSON value that starts at `offset`, as written. Only JSON has values of a wrong type. */
export function rejectedValue(body: Uint8Array, offset: number): string {
  const text = textAt(body, offset, MAX_BYTES);
  if (text.startsWith('{')) return 'an object';
  if (text.startsWith('[')) return 'an array';
  const [value = ''] = /^"(?:[^"\\]|\\.)*"?|^[^\s,\]}]*/.exec(text) ?? [];
  const isCut = value.length === text.length && offset + MAX_BYTES < body.length;
  return printable(isCut ? `${value}…` : value);
}

/**
 * A JSON number or a string of digits. Undefined for a varint, because one out of range does not start with a digit.
 */
export function rejectedNumber(body: Uint8Array, offset: number): string | undefined {
  return /^[-0-9"]/.test(textAt(body, offset, 1)) ? rejectedValue(body, offset) : undefined;
}

/**
 * The character at `offset`: `"A"`, or `U+200B` if it is not visible ASCII. Undefined for a backslash, which is itself
 * in protobuf and starts an escape in JSON.
 */
export function rejectedCharacter(body: Uint8Array, offset: number): string | undefined {
  const first = body[offset] ?? 0;
  const code = first < 0x80 ? first : textAt(body, offset, 4).codePointAt(0);
  if (code === undefined || code === BACKSLASH) return undefined;
  const isVisible = code > 0x20 && code < 0x7f;
  return isVisible ? `"${String.fromCodePoint(code)}"` : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

const BACKSLASH = 0x5c;
// A byte order mark is an ordinary character here, and is rejected.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes up to `bytes` bytes; drops a character cut by the end. */
function textAt(body: Uint8Array, offset: number, bytes: number): string {
  const text = utf8.decode(body.subarray(offset, offset + bytes));
  return text.endsWith('\ufffd') ? text.slice(0, -1) : text;
}
