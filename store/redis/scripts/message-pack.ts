/** Writes the subset of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) that the scripts read. */
export class MessagePackWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** Returns a copy of the written bytes and empties the writer. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  array(length: number): void {
    this.#reserve(5);
    if (length < 16) this.#buffer[this.#length++] = 0x90 | length;
    else this.#tagged(0xdd, length);
  }

  /** Writes an array of integers from 0 to 2^53 - 1. */
  numbers(values: readonly number[]): void {
    this.array(values.length);
    for (const value of values) this.number(value);
  }

  /** Writes an integer from 0 to 2^53 - 1. */
  number(value: number): void {
    this.#reserve(9);
    if (value < 0x80) {
      this.#buffer[this.#length++] = value;
    } else if (value < 0x100000000) {
      this.#tagged(0xce, value);
    } else {
      this.#buffer[this.#length] = 0xcf;
      this.#buffer.writeUInt32BE(Math.floor(value / 0x100000000), this.#length + 1);
      this.#buffer.writeUInt32BE(value % 0x100000000, this.#length + 5);
      this.#length += 9;
    }
  }

  /** Writes a string of characters up to U+00FF, one byte each. */
  latin1(value: string): void {
    this.#head(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
  }

  bytes(value: Uint8Array): void {
    const { length } = value;
    this.#head(length);
    const buffer = this.#buffer;
    // For the 16 bytes of a voter key, a call of set() takes longer than the loop.
    if (length <= 32) for (let i = 0; i < length; i++) buffer[this.#length + i] = value[i] ?? 0;
    else buffer.set(value, this.#length);
    this.#length += length;
  }

  /** Lua strings are bytes, so both text and binary are written as MessagePack's str. */
  #head(length: number): void {
    this.#reserve(length + 5);
    if (length < 32) this.#buffer[this.#length++] = 0xa0 | length;
    else this.#tagged(0xdb, length);
  }

  #tagged(tag: number, value: number): void {
    const buffer = this.#buffer;
    buffer[this.#length] = tag;
    buffer[this.#length + 1] = value >>> 24;
    buffer[this.#length + 2] = value >>> 16;
    buffer[this.#length + 3] = value >>> 8;
    buffer[this.#length + 4] = value;
    this.#length += 5;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
