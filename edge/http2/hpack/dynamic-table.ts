import type { HeaderField } from './header-field.ts';

const COMPACT_AT = 128;

/** The dynamic table of one direction, filled by the peer (RFC 7541, 2.3.2). The newest field has index 1. */
export class DynamicTable {
  /** Oldest first; those before `#first` are evicted. */
  readonly #fields: HeaderField[] = [];
  #first = 0;
  #bytes = 0;
  #maxBytes: number;
  /** Increases with each change; while it is unchanged, so is the content. */
  version = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#fields.length - this.#first;
  }

  /** The field with this index, 1 being the newest; undefined if there is none. */
  get(index: number): HeaderField | undefined {
    const at = this.#fields.length - index;
    return at < this.#first ? undefined : this.#fields[at];
  }

  /** Adds a field. A field larger than the table empties the table (RFC 7541, 4.4). */
  insert(field: HeaderField): void {
    this.version++;
    this.#evict(this.#maxBytes - field.bytes);
    if (field.bytes > this.#maxBytes) return;
    this.#fields.push(field);
    this.#bytes += field.bytes;
  }

  resize(maxBytes: number): void {
    this.version++;
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  #evict(maxBytes: number): void {
    while (this.#bytes > maxBytes) {
      const oldest = this.#fields[this.#first];
      if (oldest === undefined) break;
      this.#bytes -= oldest.bytes;
      this.#first++;
    }
    // Rarely, because removing from the front of an array moves all other elements.
    if (this.#first >= COMPACT_AT || this.#first === this.#fields.length) {
      this.#fields.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
