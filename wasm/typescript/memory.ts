import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from '../limits.ts';

/**
 * Every body is copied to the start of this array, so that all reads use one array of one type that never moves; a
 * control character follows the body. Resolved strings start at SCRATCH. All codecs of the thread share it: a call is
 * synchronous, and nothing in it outlives the call.
 */
export const memory = new Uint8Array(MAX_BATCH_BYTES + 64 + MAX_VOTE_BYTES + 64);

export const SCRATCH = MAX_BATCH_BYTES + 64;

/** The byte at `p`. */
export function byteAt(p: number): number {
  return memory[p] as number;
}

/** Copies a body into memory, followed by the control character that ends every search. */
export function take(body: Uint8Array): void {
  memory.set(body);
  memory[body.length] = 0;
}

const words = new Int32Array(memory.buffer);

/** End of the line that begins at `start`: its line feed, or `end`. */
export function findLineEnd(start: number, end: number): number {
  let p = start;
  // Four bytes at a time from the first aligned word: the sum has bit 7 set where a byte is zero after the XOR.
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
