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
