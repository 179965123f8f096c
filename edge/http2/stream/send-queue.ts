/** Response bytes of one stream that wait for window or for the peer to read. */
export class SendQueue {
  readonly #parts: Buffer[] = [];
  /** Bytes of the first part that were already sent. */
  #sent = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
  }

  /** Calls `send(part, from)`, which returns the number of bytes sent, until it returns 0 or the queue is empty. */
  drain(send: (part: Buffer, from: number) => number): void {
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      const sent = send(part, this.#sent);
      this.#sent += sent;
      this.#bytes -= sent;
      if (this.#sent < part.length) return;
      this.#parts.shift();
      this.#sent = 0;
    }
  }
}
