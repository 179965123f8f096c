const REMEMBERED = 256;

/**
 * Streams that this side closed while the peer may still have been sending on them. Their frames are ignored
 * (RFC 9113, 5.1); on any other closed stream they are errors.
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

  /** The peer has ended the stream too: nothing more may come. */
  delete(id: number): void {
    this.#ids.delete(id);
  }
}
