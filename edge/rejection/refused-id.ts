import { MAX_CHOICE_BYTES } from '../../wasm/limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The contest or option id that a codec did not know, from where its rejection points: a JSON string's opening quote,
 * or the first byte of a protobuf string. The codec found nothing else wrong with it, so it is 1 to 64 characters of
 * an id. Undefined where protobuf gave its length in more bytes than one.
 */
export function refusedId(body: Uint8Array, offset: number): string | undefined {
  if (body[offset] === QUOTE) return JSON.parse(ascii(body, offset, stringEnd(body, offset))) as string;
  const length = body[offset - 1] ?? 0;
  // The last byte of a padded length is 0.
  return length === 0 || length > MAX_CHOICE_BYTES ? undefined : ascii(body, offset, offset + length);
}

/** Behind the closing quote of the string whose opening one stands at `start`. */
function stringEnd(body: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** An id's characters are ASCII, and so is what JSON may escape them with. */
function ascii(body: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...body.subarray(start, end));
}
