import { printable } from '../../http/quote.ts';

/** As much of it as a message shows, in bytes. */
const MAX_BYTES = 64;

/** The JSON value that begins at `offset`, as it is written there: only JSON has values of a wrong type. */
export function refusedValue(body: Uint8Array, offset: number): string {
  const text = textAt(body, offset, MAX_BYTES);
  if (text.startsWith('{')) return 'an object';
  if (text.startsWith('[')) return 'an array';
  const [value = ''] = /^"(?:[^"\\]|\\.)*"?|^[^\s,\]}]*/.exec(text) ?? [];
  const isCut = value.length === text.length && offset + MAX_BYTES < body.length;
  return printable(isCut ? `${value}…` : value);
}

/** A number of JSON. Undefined for a varint: one that is out of range has no digit for its first byte. */
export function refusedNumber(body: Uint8Array, offset: number): string | undefined {
  return /^[-0-9]/.test(textAt(body, offset, 1)) ? refusedValue(body, offset) : undefined;
}

/**
 * The character that stands at `offset`: `"A"`, or `U+200B` where it can't be seen. Undefined for a backslash, which is
 * itself in protobuf and begins an escape in JSON.
 */
export function refusedCharacter(body: Uint8Array, offset: number): string | undefined {
  const first = body[offset] ?? 0;
  const code = first < 0x80 ? first : textAt(body, offset, 4).codePointAt(0);
  if (code === undefined || code === BACKSLASH) return undefined;
  const isSeen = code > 0x20 && code < 0x7f;
  return isSeen ? `"${String.fromCodePoint(code)}"` : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

const BACKSLASH = 0x5c;
// A byte order mark is a character like any other here, and one that is refused.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8: a character that the end of the piece cuts is left out. */
function textAt(body: Uint8Array, offset: number, bytes: number): string {
  const text = utf8.decode(body.subarray(offset, offset + bytes));
  return text.endsWith('\ufffd') ? text.slice(0, -1) : text;
}
