/**
 * Collects a body that arrives in chunks. Copies each chunk, because a chunk is a view that would keep its whole socket
 * read in memory. Grows with the bytes that have arrived, never with Content-Length.
 */
export class BodyBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 4096));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** The bytes so far; valid until the next `append`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
