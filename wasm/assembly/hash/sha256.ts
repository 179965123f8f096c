/** SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) over addresses in memory. */

// biome-ignore format: a table
export const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

// biome-ignore format: a table
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** The message schedule. */
const W: usize = memory.data(256);
/** The last block of a message with its padding, which may need a second block. */
const TAIL: usize = memory.data(128);
const BLOCK: usize = 64;
const STATE_BYTES: usize = 32;

/** HMAC: the state after the block of each pad. */
export const INNER: usize = memory.data(32);
export const OUTER: usize = memory.data(32);
const STATE: usize = memory.data(32);
const KEY_BLOCK: usize = memory.data(64);

/** Mixes the 64 bytes at `block` into the eight words at `state`. */
function compress(state: usize, block: usize): void {
  for (let at: usize = 0; at < 64; at += 4) store<u32>(W + at, bswap<u32>(load<u32>(block + at)));
  for (let at: usize = 64; at < 256; at += 4) {
    const w15 = load<u32>(W + at - 60);
    const w2 = load<u32>(W + at - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
    store<u32>(W + at, load<u32>(W + at - 64) + s0 + load<u32>(W + at - 28) + s1);
  }
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (let at: usize = 0; at < 256; at += 4) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(K + at) + load<u32>(W + at);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

/** Ends the hash in `state` with the `length` bytes at `p`, after `before` bytes (whole blocks) of the same message. */
function finish(state: usize, p: usize, length: usize, before: usize): void {
  const bits = (<u64>(before + length)) << 3;
  while (length >= BLOCK) {
    compress(state, p);
    p += BLOCK;
    length -= BLOCK;
  }
  memory.fill(TAIL, 0, 128);
  memory.copy(TAIL, p, length);
  store<u8>(TAIL + length, 0x80);
  const tailBytes: usize = length < 56 ? 64 : 128;
  store<u64>(TAIL + tailBytes - 8, bswap<u64>(bits));
  compress(state, TAIL);
  if (tailBytes === 128) compress(state, TAIL + BLOCK);
}

/** Writes a final state as a big-endian digest. */
function writeDigest(to: usize, state: usize): void {
  for (let at: usize = 0; at < STATE_BYTES; at += 4) store<u32>(to + at, bswap<u32>(load<u32>(state + at)));
}

/** Sets the key of `hmac`. */
export function setHmacKey(key: usize, length: usize): void {
  memory.fill(KEY_BLOCK, 0, BLOCK);
  if (length > BLOCK) {
    memory.copy(STATE, INITIAL, STATE_BYTES);
    finish(STATE, key, length, 0);
    writeDigest(KEY_BLOCK, STATE);
  } else {
    memory.copy(KEY_BLOCK, key, length);
  }
  setPad(INNER, 0x3636363636363636);
  // From the inner pad to the outer one.
  setPad(OUTER, 0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c);
}

function setPad(state: usize, pad: u64): void {
  for (let at: usize = 0; at < BLOCK; at += 8) store<u64>(KEY_BLOCK + at, load<u64>(KEY_BLOCK + at) ^ pad);
  memory.copy(state, INITIAL, STATE_BYTES);
  compress(state, KEY_BLOCK);
}

/** HMAC-SHA-256 of the `length` bytes at `p`, 32 bytes to `to`. */
export function hmac(to: usize, p: usize, length: usize): void {
  memory.copy(STATE, INNER, STATE_BYTES);
  finish(STATE, p, length, BLOCK);
  writeDigest(to, STATE);
  memory.copy(STATE, OUTER, STATE_BYTES);
  finish(STATE, to, STATE_BYTES, BLOCK);
  writeDigest(to, STATE);
}
