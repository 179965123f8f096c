/** SipHash-2-4 (https://www.aumasson.jp/siphash/siphash.pdf) with a 128-bit key. */

let key0: u64 = 0;
let key1: u64 = 0;

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

/** Takes the 16 bytes at `key`. */
export function setSipKey(key: usize): void {
  key0 = load<u64>(key);
  key1 = load<u64>(key, 8);
}

function round(): void {
  v0 += v1;
  v1 = rotl<u64>(v1, 13) ^ v0;
  v0 = rotl<u64>(v0, 32);
  v2 += v3;
  v3 = rotl<u64>(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl<u64>(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl<u64>(v1, 17) ^ v2;
  v2 = rotl<u64>(v2, 32);
}

function take(word: u64): void {
  v3 ^= word;
  round();
  round();
  v0 ^= word;
}

/** The tag of the `length` bytes at `p`. */
export function sipHash(p: usize, length: usize): u64 {
  v0 = key0 ^ 0x736f6d6570736575;
  v1 = key1 ^ 0x646f72616e646f6d;
  v2 = key0 ^ 0x6c7967656e657261;
  v3 = key1 ^ 0x7465646279746573;
  const end = p + (length & ~7);
  for (; p < end; p += 8) take(load<u64>(p));
  let last = (<u64>length) << 56;
  for (let at: usize = 0; at < (length & 7); at++) last |= (<u64>load<u8>(p + at)) << ((<u64>at) << 3);
  take(last);
  v2 ^= 0xff;
  round();
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}
