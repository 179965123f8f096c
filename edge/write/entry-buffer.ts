import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';

/** What one entry of a stream may hold. */
export const MAX_ENTRY_VOTES = 512;
export const MAX_ENTRY_BYTES = 64 * 1024;
/** Entries begin small: with a thousand partitions most hold a vote or two. */
const SMALL_BYTES = 4 * 1024;

const TAG_PATH = 0x08;
const TAG_EDGE = 0x12;
const TAG_RECEIVED_AT = 0x18;
const NOTIFY = [0x28, 0x01];
/** Milliseconds since 1970 take six bytes of seven bits up to the year 2109. */
const TIME_BYTES = 6;

/**
 * A VoteBatch while it fills: header fields written by hand, then the votes' framed bytes as the codec made them.
 * Buffers come from a pool and go back to it, so that a busy edge allocates none.
 */
export class EntryBuffer {
  readonly path: Path;
  readonly partition: number;
  readonly createdAt: number;
  /** How many votes it holds. */
  count = 0;
  notify = false;
  /** Who wants to know: `owners[i]` has `counts[i]` votes from place `firsts[i]` on. */
  readonly owners: EntryOwner[] = [];
  readonly firsts: number[] = [];
  readonly counts: number[] = [];
  /** `origins[i]`: vote i's place in the batch that it came in; set for votes of batches alone. */
  readonly origins: number[] = [];
  #bytes: Buffer;
  #length: number;

  constructor(place: { path: Path; partition: number }, header: Buffer, pool: BufferPool) {
    this.path = place.path;
    this.partition = place.partition;
    this.createdAt = Date.now();
    this.#bytes = pool.take(SMALL_BYTES);
    header.copy(this.#bytes);
    writeTime(this.#bytes, header.length - TIME_BYTES, this.createdAt);
    this.#length = header.length;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  fits(bytes: number, votes: number): boolean {
    return this.#length + bytes + NOTIFY.length <= MAX_ENTRY_BYTES && this.count + votes <= MAX_ENTRY_VOTES;
  }

  /** Copies framed votes in. The caller has asked `fits`. */
  append(source: Uint8Array, start: number, end: number, pool: BufferPool): void {
    const needed = this.#length + end - start + NOTIFY.length;
    if (needed > this.#bytes.length) this.#grow(needed, pool);
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

  /** Gives the buffer back; to be called once nothing can read it any more. */
  release(pool: BufferPool, reusable: boolean): void {
    pool.give(this.#bytes, reusable);
  }

  #grow(needed: number, pool: BufferPool): void {
    const larger = pool.take(Math.max(needed, MAX_ENTRY_BYTES));
    this.#bytes.copy(larger, 0, 0, this.#length);
    pool.give(this.#bytes, true);
    this.#bytes = larger;
  }
}

/** Told what became of its votes in one entry. `place` is its place in `owners`. */
export interface EntryOwner {
  settle(entry: EntryBuffer, place: number, result: EntryResult): void;
}

/** As SubmitOutcome, of a whole entry. */
export type EntryResult =
  | { readonly status: 'stored'; readonly entryId: string }
  | { readonly status: 'refused'; readonly reason: 'overloaded' | 'unavailable' | 'stopping' }
  | { readonly status: 'unknown'; readonly detail: string };

/** Buffers of the two sizes that entries come in, and how many bytes of them are in use. */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>([
    [SMALL_BYTES, []],
    [MAX_ENTRY_BYTES, []],
  ]);
  /** Free ones that are kept: more are left to the garbage collector. */
  readonly #keep = 64;
  bytesInUse = 0;

  take(size: number): Buffer {
    this.bytesInUse += size;
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer, reusable: boolean): void {
    this.bytesInUse -= buffer.length;
    const free = this.#free.get(buffer.length);
    if (reusable && free !== undefined && free.length < this.#keep) free.push(buffer);
  }
}

/** The fields before the votes; the last six bytes are the time, filled in per entry. */
export function entryHeader(path: Path, edge: string): Buffer {
  const name = Buffer.from(edge.slice(0, 127)).subarray(0, 127);
  return Buffer.concat([
    path === Path.UNSPECIFIED ? Buffer.alloc(0) : Buffer.from([TAG_PATH, path]),
    Buffer.from([TAG_EDGE, name.length]),
    name,
    Buffer.from([TAG_RECEIVED_AT]),
    Buffer.alloc(TIME_BYTES),
  ]);
}

function writeTime(target: Buffer, offset: number, ms: number): void {
  let rest = ms;
  for (let i = 0; i < TIME_BYTES; i++) {
    target[offset + i] = (rest % 128) | (i < TIME_BYTES - 1 ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
}
