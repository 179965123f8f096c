/** Response bytes of one stream that wait for the peer's window, or for it to read. */
export class SendQueue {
  readonly #parts: Buffer[] = [];
  /** Sent already, of the first part. */
  #sent = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
  }

  /** Sends by `send(part, from)`, which returns how much it took, until that is nothing or all is sent. */
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
