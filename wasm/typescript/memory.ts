import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from '../limits.ts';

/**
 * Where every body is read: it is copied to the start of this array, so that all reads are of one array, of one type,
 * that never moves, and that ends behind the body in a control character. Strings whose escapes were resolved stand at
 * SCRATCH. Shared by all codecs of the thread: a call is synchronous and leaves nothing in it that is read later.
 */
export const memory = new Uint8Array(MAX_BATCH_BYTES + 64 + MAX_VOTE_BYTES + 64);

export const SCRATCH = MAX_BATCH_BYTES + 64;

/** The byte at `p`. */
export function byteAt(p: number): number {
  return memory[p] as number;
}

/** Copies a body in and puts the control character behind it that ends every search. */
export function take(body: Uint8Array): void {
  memory.set(body);
  memory[body.length] = 0;
}

const words = new Int32Array(memory.buffer);

/** Where the line that begins at `start` ends: at its line feed, or at `end`. */
export function findLineEnd(start: number, end: number): number {
  let p = start;
  // Four bytes at a time from the first whole word on: the sum has a bit 7 where a byte is zero after the XOR.
  while ((p & 3) !== 0 && p < end && byteAt(p) !== 0x0a) p++;
  if ((p & 3) === 0) {
    while (p < end) {
      const differs = (words[p >> 2] as number) ^ 0x0a0a0a0a;
      if (((differs - 0x01010101) & ~differs & 0x80808080) !== 0) break;
      p += 4;
    }
  }
  while (p < end && byteAt(p) !== 0x0a) p++;
  return p < end ? p : end;
}
