import { HUFFMAN_BITS, HUFFMAN_CODE } from './huffman-code.ts';

/** The encoded length of the bytes. */
export function huffmanLength(bytes: Uint8Array): number {
  let bits = 0;
  for (const byte of bytes) bits += HUFFMAN_BITS[byte] ?? 0;
  return Math.ceil(bits / 8);
}

export function huffmanEncode(bytes: Uint8Array): Buffer {
  const encoded = Buffer.alloc(huffmanLength(bytes));
  let at = 0;
  /** Bits waiting for a whole byte. A code has up to 30 bits, so they are kept as an exact number, not in 32 bits. */
  let bits = 0;
  let waiting = 0;
  for (const byte of bytes) {
    const length = HUFFMAN_BITS[byte] ?? 0;
    bits = bits * 2 ** length + (HUFFMAN_CODE[byte] ?? 0);
    waiting += length;
    while (waiting >= 8) {
      waiting -= 8;
      const scale = 2 ** waiting;
      encoded[at++] = Math.floor(bits / scale);
      bits %= scale;
    }
  }
  // The padding is the beginning of EOS, which is all ones.
  if (waiting > 0) encoded[at] = (bits << (8 - waiting)) | (0xff >>> waiting);
  return encoded;
}
