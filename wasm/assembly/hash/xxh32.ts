const PRIME_1: u32 = 0x9e3779b1;
const PRIME_2: u32 = 0x85ebca77;
const PRIME_3: u32 = 0xc2b2ae3d;
const PRIME_4: u32 = 0x27d4eb2f;
const PRIME_5: u32 = 0x165667b1;

/** XXH32 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
export function xxh32(p: usize, length: usize): u32 {
  let hash: u32;
  const end = p + length;
  if (length >= 16) {
    let a: u32 = PRIME_1 + PRIME_2;
    let b: u32 = PRIME_2;
    let c: u32 = 0;
    let d: u32 = 0 - PRIME_1;
    do {
      a = round(a, load<u32>(p));
      b = round(b, load<u32>(p, 4));
      c = round(c, load<u32>(p, 8));
      d = round(d, load<u32>(p, 12));
      p += 16;
    } while (p + 16 <= end);
    hash = rotl<u32>(a, 1) + rotl<u32>(b, 7) + rotl<u32>(c, 12) + rotl<u32>(d, 18);
  } else {
    hash = PRIME_5;
  }
  hash += <u32>length;
  for (; p + 4 <= end; p += 4) hash = rotl<u32>(hash + load<u32>(p) * PRIME_3, 17) * PRIME_4;
  for (; p < end; p++) hash = rotl<u32>(hash + <u32>load<u8>(p) * PRIME_5, 11) * PRIME_1;
  hash = (hash ^ (hash >> 15)) * PRIME_2;
  hash = (hash ^ (hash >> 13)) * PRIME_3;
  return hash ^ (hash >> 16);
}

function round(lane: u32, input: u32): u32 {
  return rotl<u32>(lane + input * PRIME_2, 13) * PRIME_1;
}
