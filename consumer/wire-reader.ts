/**
 * Reads protobuf's wire format from a Buffer (https://protobuf.dev/programming-guides/encoding/). What is malformed sets
 * `failure`, and reading goes on at the end: one check at the end of a message is enough.
 */
export class WireReader {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  failure = '';

  start(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.failure = '';
  }

  /** A varint of up to 2^53 - 1; a larger one fails, and a negative int64 is one. */
  varint(): number {
    const { bytes, end } = this;
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 8; length++) {
      if (this.at >= end) return this.#fail('truncated');
      const byte = bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : this.#fail('a number out of range');
      scale *= 128;
    }
    return this.#fail('a number out of range');
  }

  /** The length of what follows, which is then all there. */
  length(): number {
    const length = this.varint();
    if (length > this.end - this.at) {
      this.#fail('truncated');
      return 0;
    }
    return length;
  }

  /** Passes over a field that nobody asked for. */
  skip(tag: number): void {
    const type = tag & 7;
    if (type === 0) this.#skipVarint();
    else if (type === 1) this.#advance(8);
    else if (type === 2) this.#advance(this.length());
    else if (type === 5) this.#advance(4);
    // Groups are not in our messages, and nobody else's go into the streams.
    else this.#fail(`wire type ${type} of field ${tag >>> 3}`);
    if (tag >>> 3 === 0) this.#fail('field number 0');
  }

  #skipVarint(): void {
    for (let length = 0; length < 10; length++) {
      if (this.at >= this.end) break;
      if ((this.bytes[this.at++] ?? 0) < 0x80) return;
    }
    this.#fail('a varint without end');
  }

  #advance(length: number): void {
    if (length > this.end - this.at) this.#fail('truncated');
    else this.at += length;
  }

  #fail(reason: string): number {
    this.failure ||= reason;
    this.at = this.end;
    return 0;
  }
}
