/** Room for a full DATA frame between the headers and trailers of a response. */
export const CHUNK_BYTES = 32_768;
const MAX_FREE = 128;

/** Memory for output frames. A connection holds a chunk only from its first frame of a turn until the flush. */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  give(chunk: Buffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(chunk);
  }
}
