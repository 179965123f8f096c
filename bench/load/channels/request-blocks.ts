import { encodeInteger, encodeString } from '../../../edge/http2/hpack/encode-headers.ts';
import { STATIC_TABLE } from '../../../edge/http2/hpack/static-table.ts';

export interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * Encodes the header blocks of one connection's requests like gRPC and HTTP/2 clients: the first adds each field to the
 * peer's dynamic table, and all later ones refer to it.
 */
export class RequestBlocks {
  readonly #first: Buffer;
  readonly #later: Buffer;
  #started = false;

  constructor(fields: readonly Field[]) {
    let inserted = fields.filter((field) => staticIndex(field) === 0).length;
    const first: Uint8Array[] = [];
    const later: Uint8Array[] = [];
    for (const field of fields) {
      const known = staticIndex(field);
      if (known > 0) first.push(encodeInteger(0x80, 7, known));
      else first.push(Uint8Array.of(0x40), encodeString(field.name), encodeString(field.value));
      // The newest field of the table has the lowest index.
      later.push(encodeInteger(0x80, 7, known > 0 ? known : STATIC_TABLE.length + inserted--));
    }
    this.#first = Buffer.concat(first);
    this.#later = Buffer.concat(later);
  }

  /** The block of the next request; the caller must send it. */
  next(): Buffer {
    if (this.#started) return this.#later;
    this.#started = true;
    return this.#first;
  }
}

/** `content-length` as a field without indexing, because it differs from request to request. */
export function contentLengthField(length: number): Buffer {
  return Buffer.concat([encodeInteger(0, 4, CONTENT_LENGTH), encodeString(`${length}`)]);
}

const CONTENT_LENGTH = STATIC_TABLE.findIndex(({ name }) => name === 'content-length') + 1;

function staticIndex({ name, value }: Field): number {
  return value === '' ? 0 : STATIC_TABLE.findIndex((entry) => entry.name === name && entry.value === value) + 1;
}
