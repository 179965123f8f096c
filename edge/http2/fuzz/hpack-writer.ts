import { DynamicTable } from '../hpack/dynamic-table.ts';
import { encodeInteger, encodeString } from '../hpack/encode-headers.ts';
import { HeaderField } from '../hpack/header-field.ts';
import { STATIC_TABLE } from '../hpack/static-table.ts';
import type { Random } from './random.ts';

const MAX_TABLE_BYTES = 4_096;

/** Encodes header blocks, choosing at random among all encodings that RFC 7541 allows. */
export class HpackWriter {
  readonly #random: Random;
  readonly #table = new DynamicTable(MAX_TABLE_BYTES);

  constructor(random: Random) {
    this.#random = random;
  }

  /** Entries of the dynamic table. */
  get entries(): number {
    return this.#table.length;
  }

  block(pairs: readonly (readonly [name: string, value: string])[]): Buffer {
    const parts: Uint8Array[] = [];
    for (let updates = this.#random.oneIn(8) ? 2 : 0; updates > 0; updates--) {
      const bytes = this.#random.int(MAX_TABLE_BYTES + 1);
      this.#table.resize(bytes);
      parts.push(encodeInteger(0x20, 5, bytes));
    }
    for (const [name, value] of pairs) this.#field(parts, name, value);
    return Buffer.concat(parts);
  }

  #field(parts: Uint8Array[], name: string, value: string): void {
    const random = this.#random;
    const index = this.#find((field) => field.name === name && field.value === value);
    if (index > 0 && !random.oneIn(4)) {
      parts.push(encodeInteger(0x80, 7, index));
      return;
    }
    const nameIndex = random.oneIn(4) ? 0 : this.#find((field) => field.name === name);
    const form = random.int(3);
    if (form === 0) parts.push(encodeInteger(0x40, 6, nameIndex));
    else parts.push(encodeInteger(form === 1 ? 0x10 : 0, 4, nameIndex));
    if (nameIndex === 0) parts.push(this.#string(name));
    parts.push(this.#string(value));
    if (form === 0) this.#table.insert(new HeaderField(name, value));
  }

  #string(text: string): Uint8Array {
    if (this.#random.oneIn(2)) return encodeString(text);
    const bytes = Buffer.from(text, 'latin1');
    return Buffer.concat([encodeInteger(0, 7, bytes.length), bytes]);
  }

  /** The index of a matching field; 0 if neither table has one. */
  #find(fits: (field: HeaderField) => boolean): number {
    const known = STATIC_TABLE.findIndex(fits);
    if (known >= 0) return known + 1;
    for (let index = 1; index <= this.#table.length; index++) {
      const field = this.#table.get(index);
      if (field !== undefined && fits(field)) return STATIC_TABLE.length + index;
    }
    return 0;
  }
}
