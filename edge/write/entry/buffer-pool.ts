/** Initial size of an entry; with a thousand partitions most hold one or two votes. */
export const SMALL_BYTES = 4 * 1024;
export const LARGE_BYTES = 64 * 1024;
/** Maximum number of free buffers per size; the garbage collector takes the rest. */
const MAX_FREE = 64;

/** Buffers of the two sizes that entries use, so that a busy edge allocates none. */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>([
    [SMALL_BYTES, []],
    [LARGE_BYTES, []],
  ]);
  bytesInUse = 0;

  take(size: number): Buffer {
    this.bytesInUse += size;
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** @param reusable false if a socket may still read from the buffer */
  give(buffer: Buffer, reusable: boolean): void {
    this.bytesInUse -= buffer.length;
    const free = this.#free.get(buffer.length);
    if (reusable && free !== undefined && free.length < MAX_FREE) free.push(buffer);
  }
}
