import { DynamicTable } from './dynamic-table.ts';
import { HeaderField } from './header-field.ts';
import { huffmanDecode, maxDecodedBytes } from './huffman-decode.ts';
import { STATIC_TABLE } from './static-table.ts';

/** Default of SETTINGS_HEADER_TABLE_SIZE (RFC 9113, 6.5.2). */
export const DEFAULT_TABLE_BYTES = 4096;
/** Integers are lengths, indexes and table sizes; no valid one has more than 28 bits. */
const MAX_INTEGER_BITS = 28;

/** Receives the fields of a block in their order. */
export interface FieldSink {
  field(field: HeaderField): void;
}

/** Decodes the header blocks that one peer sends on one connection (RFC 7541). */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxTableBytes: number;
  #block: Buffer = EMPTY;
  #at = 0;
  #end = 0;

  constructor(maxTableBytes: number = DEFAULT_TABLE_BYTES) {
    this.#maxTableBytes = maxTableBytes;
    this.#table = new DynamicTable(maxTableBytes);
  }

  /** Increases with each change of the dynamic table. While it is unchanged, equal blocks have the same meaning. */
  get tableVersion(): number {
    return this.#table.version;
  }

  /**
   * Passes the fields of block[start, end) to `sink`. Returns false if the block is invalid; the connection is then
   * unusable, because the tables of both sides differ (COMPRESSION_ERROR).
   */
  decode(block: Buffer, start: number, end: number, sink: FieldSink): boolean {
    this.#block = block;
    this.#at = start;
    this.#end = end;
    const valid = this.#sizeUpdates() && this.#fields(sink);
    this.#block = EMPTY;
    return valid;
  }

  /** Reads table size updates, which precede the first field (RFC 7541, 4.2). */
  #sizeUpdates(): boolean {
    while (this.#at < this.#end && ((this.#block[this.#at] ?? 0) & 0xe0) === 0x20) {
      const bytes = this.#integer(5);
      if (bytes < 0 || bytes > this.#maxTableBytes) return false;
      this.#table.resize(bytes);
    }
    return true;
  }

  #fields(sink: FieldSink): boolean {
    while (this.#at < this.#end) {
      const first = this.#block[this.#at] ?? 0;
      const field = (first & 0x80) !== 0 ? this.#lookUp(this.#integer(7)) : this.#literal(first);
      if (field === undefined) return false;
      sink.field(field);
    }
    return true;
  }

  #literal(first: number): HeaderField | undefined {
    if ((first & 0xe0) === 0x20) return undefined;
    const indexed = (first & 0x40) !== 0;
    const nameIndex = this.#integer(indexed ? 6 : 4);
    const name = nameIndex === 0 ? this.#string() : this.#lookUp(nameIndex)?.name;
    if (name === undefined) return undefined;
    const value = this.#string();
    if (value === undefined) return undefined;
    const field = new HeaderField(name, value);
    if (indexed) this.#table.insert(field);
    return field;
  }

  /** Undefined for 0, for -1 and for indexes beyond both tables. */
  #lookUp(index: number): HeaderField | undefined {
    if (index <= 0) return undefined;
    return index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#table.get(index - STATIC_TABLE.length);
  }

  /** Reads an integer; -1 if it is truncated or too large. */
  #integer(prefixBits: number): number {
    if (this.#at >= this.#end) return -1;
    const limit = (1 << prefixBits) - 1;
    let value = (this.#block[this.#at++] ?? 0) & limit;
    if (value < limit) return value;
    for (let shift = 0; shift < MAX_INTEGER_BITS; shift += 7) {
      if (this.#at >= this.#end) return -1;
      const byte = this.#block[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  #string(): string | undefined {
    const huffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    if (length < 0 || length > this.#end - start) return undefined;
    this.#at = start + length;
    if (!huffman) return this.#block.toString('latin1', start, this.#at);
    if (scratch.length < maxDecodedBytes(length)) scratch = Buffer.allocUnsafeSlow(maxDecodedBytes(length));
    const decoded = huffmanDecode(this.#block, start, this.#at, scratch);
    return decoded < 0 ? undefined : scratch.toString('latin1', 0, decoded);
  }
}

const EMPTY = Buffer.alloc(0);
/** Scratch memory shared by all decoders for strings. Its size is bounded, because blocks are. */
let scratch = Buffer.allocUnsafeSlow(1024);
