/**
 * Gathers a body that comes in parts. It copies: a part is a view of what was read off a socket in one go, and would keep
 * all of that. It grows with what has arrived, never with what was announced.
 */
export class BodyBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(part: Buffer): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 4096));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    part.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** What has arrived; valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
