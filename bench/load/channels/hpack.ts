/** Bits of the Huffman code of each byte value, a base-36 digit each (RFC 7541, appendix B). The code is canonical. */
const CODE_LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6' +
  'f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq';

const STATIC_TABLE: readonly Field[] = (
  ':authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|' +
  ':status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|' +
  'accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|' +
  'content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|' +
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|' +
  'last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|' +
  'server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'
)
  .split('|')
  .map((entry) => {
    const [name = '', value = ''] = entry.split('=');
    return { name, value };
  });

export interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads header blocks of one HTTP/2 connection (RFC 7541), with its dynamic table, as real clients do: a driver that
 * forbids the table would make the server send longer headers than it would in production.
 */
export class HpackDecoder {
  readonly #dynamic: Field[] = [];
  #size = 0;
  #maxSize = 4096;
  #at = 0;

  /** @throws {Error} on a block that breaks the rules: the connection is of no more use */
  decode(block: Buffer): Field[] {
    const fields: Field[] = [];
    this.#at = 0;
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      if (first & 0x80) {
        fields.push(this.#entry(this.#integer(block, 7)));
      } else if ((first & 0xe0) === 0x20) {
        this.#maxSize = this.#integer(block, 5);
        this.#evict();
      } else {
        const indexed = (first & 0x40) !== 0;
        const nameIndex = this.#integer(block, indexed ? 6 : 4);
        const name = nameIndex > 0 ? this.#entry(nameIndex).name : this.#string(block);
        const field = { name, value: this.#string(block) };
        if (indexed) this.#insert(field);
        fields.push(field);
      }
    }
    return fields;
  }

  #entry(index: number): Field {
    const field =
      index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#dynamic[index - STATIC_TABLE.length - 1];
    if (field === undefined) throw new Error(`HPACK index ${index} is in neither table`);
    return field;
  }

  #insert(field: Field) {
    this.#dynamic.unshift(field);
    this.#size += field.name.length + field.value.length + 32;
    this.#evict();
  }

  #evict() {
    while (this.#size > this.#maxSize) {
      const gone = this.#dynamic.pop();
      if (gone === undefined) break;
      this.#size -= gone.name.length + gone.value.length + 32;
    }
  }

  #integer(block: Buffer, prefixBits: number): number {
    const limit = 2 ** prefixBits - 1;
    const first = block[this.#at++];
    if (first === undefined) throw new Error('HPACK block is cut off');
    let value = first & limit;
    if (value < limit) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = block[this.#at++];
      if (byte === undefined || scale > 2 ** 28) throw new Error('HPACK integer is cut off or too large');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #string(block: Buffer): string {
    const huffman = ((block[this.#at] ?? 0) & 0x80) !== 0; // #integer checks that the byte is there
    const length = this.#integer(block, 7);
    const bytes = block.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new Error('HPACK string is cut off');
    this.#at += length;
    return huffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  }
}

/** Node of the code's tree: index of the child for 0 and for 1; negative: the byte -1 - index; 0: none. */
const TREE = buildTree();

function buildTree(): Int16Array {
  const tree = new Int16Array(2 * 256 * 2);
  let nodes = 1;
  const symbols = [...CODE_LENGTHS].map((digit, symbol) => ({ symbol, bits: Number.parseInt(digit, 36) }));
  symbols.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  let code = 0;
  let previousBits = symbols[0]?.bits ?? 0;
  for (const { symbol, bits } of symbols) {
    code *= 2 ** (bits - previousBits);
    previousBits = bits;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit--) {
      const slot = node * 2 + ((code >>> bit) & 1);
      if (tree[slot] === 0) tree[slot] = nodes++;
      node = tree[slot] ?? 0;
    }
    tree[node * 2 + (code & 1)] = -1 - symbol;
    code++;
  }
  return tree;
}

function decodeHuffman(bytes: Buffer): string {
  let text = '';
  let node = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const next = TREE[node * 2 + ((byte >>> bit) & 1)] ?? 0;
      if (next < 0) text += String.fromCharCode(-1 - next);
      node = next < 0 ? 0 : next;
    }
  }
  return text;
}

/**
 * Writes the header blocks of one connection's requests: the first puts each field into the peer's dynamic table, all
 * later ones refer to it, as gRPC and HTTP/2 clients do.
 */
export class HpackEncoder {
  readonly #first: Buffer;
  readonly #later: Buffer;
  #started = false;

  constructor(fields: readonly Field[]) {
    const inserted = fields.filter((field) => staticIndex(field) === 0).length;
    let insertedBefore = 0;
    const first: Buffer[] = [];
    const later: Buffer[] = [];
    for (const field of fields) {
      const known = staticIndex(field);
      if (known > 0) {
        first.push(Buffer.from([0x80 | known]));
        later.push(Buffer.from([0x80 | known]));
        continue;
      }
      first.push(Buffer.from([0x40]), literal(field.name), literal(field.value));
      later.push(Buffer.from([0x80 | (STATIC_TABLE.length + inserted - insertedBefore)]));
      insertedBefore++;
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

/** `content-length` as a field that stays out of the table, because it differs from request to request. */
export function contentLengthField(length: number): Buffer {
  return Buffer.concat([Buffer.from([0x0f, 28 - 15]), literal(`${length}`)]);
}

function staticIndex(field: Field): number {
  return STATIC_TABLE.findIndex((entry) => entry.name === field.name && entry.value === field.value && entry.value) + 1;
}

function literal(text: string): Buffer {
  if (text.length > 126) throw new Error(`A header of ${text.length} bytes is longer than this encoder writes`);
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}
