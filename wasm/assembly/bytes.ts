/** Copies in steps of 16 bytes; may read and write up to 15 bytes past the end, for which layout.ts leaves SLACK. */
export function copy(to: usize, from: usize, length: usize): void {
  let at: usize = 0;
  do {
    v128.store(to + at, v128.load(from + at));
    at += 16;
  } while (at < length);
}

/** The `length` (1 to 8) bytes at `p` as a little-endian number. */
export function word(p: usize, length: usize): u64 {
  return load<u64>(p) & (u64.MAX_VALUE >> ((8 - <u64>length) << 3));
}

/** Like memcmp; a prefix sorts before longer strings. */
export function compare(a: usize, aLength: usize, b: usize, bLength: usize): i32 {
  const common = aLength < bLength ? aLength : bLength;
  for (let at: usize = 0; at < common; at += 8) {
    const left = common - at;
    const step: usize = left < 8 ? left : 8;
    const x = bswap<u64>(word(a + at, step));
    const y = bswap<u64>(word(b + at, step));
    if (x !== y) return x < y ? -1 : 1;
  }
  return aLength === bLength ? 0 : aLength < bLength ? -1 : 1;
}

/** True if the `length` bytes at `a` and at `b` are the same. */
export function equal(a: usize, b: usize, length: usize): bool {
  while (length > 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(a), v128.load(b)))) return false;
    a += 16;
    b += 16;
    length -= 16;
  }
  const same = i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
  const wanted = (1 << (<u32>length)) - 1;
  return (same & wanted) === wanted;
}
