import { MAX_CHOICE_BYTES } from '../../wasm/limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The unknown contest or option id at the offset of a rejection: a JSON string's opening quote, or the first byte of a
 * protobuf string. The codec found nothing else wrong, so it has 1 to 64 characters of an id. Undefined if protobuf
 * encodes its length in more than one byte.
 */
export function rejectedId(body: Uint8Array, offset: number): string | undefined {
  if (body[offset] === QUOTE) return JSON.parse(ascii(body, offset, stringEnd(body, offset))) as string;
  const length = body[offset - 1] ?? 0;
  // The last byte of a padded length is 0.
  return length === 0 || length > MAX_CHOICE_BYTES ? undefined : ascii(body, offset, offset + length);
}

/** The end of the string that opens at `start`, after its closing quote. */
function stringEnd(body: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Decodes ASCII; ids and their JSON escapes are ASCII. */
function ascii(body: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...body.subarray(start, end));
}
