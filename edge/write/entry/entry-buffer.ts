import type { Transport } from '../../vote/transport.ts';
import type { NotStored } from '../submit.ts';
import { type BufferPool, LARGE_BYTES, SMALL_BYTES } from './buffer-pool.ts';
import { writeTime } from './entry-header.ts';

/** Maximum size of a stream entry. */
export const MAX_ENTRY_VOTES = 512;
const MAX_ENTRY_BYTES = LARGE_BYTES;

/** Field 5, varint 1. */
const NOTIFY = [0x28, 0x01];

/**
 * A VoteBatch being filled: the header's bytes, then the votes' framed bytes from the codec. Buffers come from a pool
 * and return to it.
 */
export class EntryBuffer {
  readonly transport: Transport;
  readonly partition: number;
  /** Milliseconds since 1970, by the edge's clock. */
  readonly createdAt: number;
  /** Number of votes. */
  count = 0;
  notify = false;
  /** `completions[i]` has `counts[i]` votes starting at position `firsts[i]`. */
  readonly completions: Completion[] = [];
  readonly firsts: number[] = [];
  readonly counts: number[] = [];
  /** `origins[i]`: position of vote i in its batch; set only for votes of batches. */
  readonly origins: number[] = [];
  #bytes: Buffer;
  #length: number;

  constructor(place: { transport: Transport; partition: number }, header: Buffer, pool: BufferPool) {
    this.transport = place.transport;
    this.partition = place.partition;
    this.createdAt = Date.now();
    this.#bytes = pool.take(SMALL_BYTES);
    header.copy(this.#bytes);
    writeTime(this.#bytes, header.length, this.createdAt);
    this.#length = header.length;
  }

  fits(bytes: number): boolean {
    return this.#length + bytes + NOTIFY.length <= MAX_ENTRY_BYTES && this.count < MAX_ENTRY_VOTES;
  }

  /** Appends a copy of one framed vote. Requires `fits`. */
  append(source: Uint8Array, start: number, end: number, pool: BufferPool): void {
    const needed = this.#length + end - start + NOTIFY.length;
    if (needed > this.#bytes.length) this.#grow(pool);
    this.#bytes.set(source.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** The whole VoteBatch; valid until `release`. */
  finish(): Buffer {
    if (this.notify) {
      this.#bytes.set(NOTIFY, this.#length);
      this.#length += NOTIFY.length;
      this.notify = false;
    }
    return this.#bytes.subarray(0, this.#length);
  }

  /** Returns the buffer to the pool. */
  release(pool: BufferPool, reusable: boolean): void {
    pool.give(this.#bytes, reusable);
  }

  #grow(pool: BufferPool): void {
    const larger = pool.take(LARGE_BYTES);
    this.#bytes.copy(larger, 0, 0, this.#length);
    pool.give(this.#bytes, true);
    this.#bytes = larger;
  }
}

/** Receives the result of its votes in one entry. `place` is its index in `completions`. */
export interface Completion {
  complete(entry: EntryBuffer, place: number, result: EntryResult): void;
}

/** The outcome of a whole entry. */
export type EntryResult = { readonly status: 'stored'; readonly entryId: string } | NotStored;
