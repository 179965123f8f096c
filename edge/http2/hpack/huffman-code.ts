/** Code length in bits of each byte value, as a base-36 digit (RFC 7541, appendix B). The code is canonical. */
const CODE_LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6' +
  'f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq';
const EOS_BITS = 30;

export const EOS = 256;
/** Length in bits and code of each byte value, and of EOS. */
export const HUFFMAN_BITS = new Uint8Array(257);
export const HUFFMAN_CODE = new Uint32Array(257);

for (let symbol = 0; symbol < 256; symbol++) HUFFMAN_BITS[symbol] = Number.parseInt(CODE_LENGTHS[symbol] ?? '', 36);
HUFFMAN_BITS[EOS] = EOS_BITS;

/** In a canonical code, ordered by length and then symbol, each code is its predecessor plus one. */
const order = [...HUFFMAN_BITS].map((bits, symbol) => ({ bits, symbol }));
order.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
let code = 0;
let previousBits = order[0]?.bits ?? 0;
for (const { bits, symbol } of order) {
  code *= 2 ** (bits - previousBits);
  previousBits = bits;
  HUFFMAN_CODE[symbol] = code++;
}
