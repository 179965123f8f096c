/** Room for a full DATA frame between the headers and trailers of a response. */
export const CHUNK_BYTES = 32_768;
const MAX_FREE = 128;

/** Memory that connections write frames into: each holds some only between its first frame of a turn and the flush. */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  give(chunk: Buffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(chunk);
  }
}
