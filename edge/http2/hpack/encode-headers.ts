import { huffmanEncode } from './huffman-encode.ts';
import { STATIC_TABLE } from './static-table.ts';

/** Names and values in their order. Names are in lower case, pseudo-headers first. */
export type HeaderPairs = Iterable<readonly [name: string, value: string]>;

const NAME_INDEX = new Map<string, number>();
const FIELD_INDEX = new Map<string, number>();
for (const [at, { name, value }] of STATIC_TABLE.entries()) {
  if (!NAME_INDEX.has(name)) NAME_INDEX.set(name, at + 1);
  if (value !== '') FIELD_INDEX.set(`${name}=${value}`, at + 1);
}

/**
 * Encodes fields without the dynamic table, so that a block can be encoded once and sent on every connection at any
 * time.
 */
export function encodeHeaders(pairs: HeaderPairs): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of pairs) {
    const field = FIELD_INDEX.get(`${name}=${value}`);
    if (field !== undefined) {
      parts.push(encodeInteger(0x80, 7, field));
      continue;
    }
    const known = NAME_INDEX.get(name) ?? 0;
    parts.push(encodeInteger(0, 4, known));
    if (known === 0) parts.push(encodeString(name));
    parts.push(encodeString(value));
  }
  return Buffer.concat(parts);
}

/** A string literal, Huffman-coded if that is shorter. Characters are bytes (latin1). */
export function encodeString(text: string): Buffer {
  const plain = Buffer.from(text, 'latin1');
  const coded = huffmanEncode(plain);
  return coded.length < plain.length
    ? Buffer.concat([encodeInteger(0x80, 7, coded.length), coded])
    : Buffer.concat([encodeInteger(0, 7, plain.length), plain]);
}

/** An integer whose first byte has `pattern` before its prefix (RFC 7541, 5.1). */
export function encodeInteger(pattern: number, prefixBits: number, value: number): Uint8Array {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Uint8Array.of(pattern | value);
  const bytes = [pattern | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
