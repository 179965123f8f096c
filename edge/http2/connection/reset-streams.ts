const REMEMBERED = 256;

/**
 * Streams that this side closed while the peer may still be sending. Their frames are ignored (RFC 9113, 5.1); frames
 * on any other closed stream are errors.
 */
export class ResetStreams {
  readonly #ids = new Set<number>();

  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= REMEMBERED) return;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** The peer has ended the stream too, so further frames are errors. */
  delete(id: number): void {
    this.#ids.delete(id);
  }
}
