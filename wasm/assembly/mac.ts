/**
 * The module that computes voter keys and receipt tags. The host writes to INPUT and SLICES and reads from OUTPUT; an
 * instance holds one key.
 */
import { hmac, setHmacKey } from './hash/sha256';
import { hmacLanes, LANES, MAX_LANE_BYTES, setLane } from './hash/sha256-lanes';
import { setSipKey, sipHash } from './hash/siphash';

export const INPUT: usize = 1024;
export const INPUT_SIZE: usize = 128 << 10;
/** Pairs of u32: start and end of a message in the input. */
export const SLICES: usize = INPUT + INPUT_SIZE;
export const MAX_SLICES: usize = 4096;
/** 32 bytes for `authenticate`, 8 for `tag`, 16 for each slice of `authenticateSlices`. */
export const OUTPUT: usize = SLICES + 8 * MAX_SLICES;
/** `authenticateSlices` keeps the first half of each HMAC; the next HMAC overwrites the second half. */
const KEY_BYTES: usize = 16;
export const OUTPUT_SIZE: usize = KEY_BYTES * MAX_SLICES + 32;

if (OUTPUT + OUTPUT_SIZE > 512 << 10) ERROR('The buffers exceed the memory base in build-wasm.ts');

function checkInput(length: usize): void {
  if (length > INPUT_SIZE) unreachable();
}

/** Makes the input the key of `authenticate`. */
export function useHmacKey(length: u32): void {
  checkInput(length);
  setHmacKey(INPUT, length);
}

/** HMAC-SHA-256 of the input. */
export function authenticate(length: u32): void {
  checkInput(length);
  hmac(OUTPUT, INPUT, length);
}

/** The first 16 bytes of the HMAC-SHA-256 of each slice, consecutively. */
export function authenticateSlices(count: u32): void {
  if (<usize>count > MAX_SLICES) unreachable();
  let to = OUTPUT;
  const end = SLICES + ((<usize>count) << 3);
  for (let slice = SLICES; slice < end; ) {
    if (end - slice >= (<usize>LANES) << 3 && setLanes(slice)) {
      hmacLanes(to);
      slice += (<usize>LANES) << 3;
      to += <usize>LANES * KEY_BYTES;
    } else {
      hmac(to, sliceStart(slice), sliceLength(slice));
      slice += 8;
      to += KEY_BYTES;
    }
  }
}

/** Lays out four slices for `hmacLanes`; returns false if one is longer than MAX_LANE_BYTES. */
function setLanes(slice: usize): bool {
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const at = slice + ((<usize>lane) << 3);
    const length = sliceLength(at);
    if (length > MAX_LANE_BYTES) return false;
    setLane(lane, sliceStart(at), length);
  }
  return true;
}

function sliceStart(slice: usize): usize {
  return INPUT + <usize>load<u32>(slice);
}

function sliceLength(slice: usize): usize {
  const from = <usize>load<u32>(slice);
  const end = <usize>load<u32>(slice, 4);
  if (from > end) unreachable();
  checkInput(end);
  return end - from;
}

/** Makes the first 16 bytes of the input the key of `tag`. */
export function useSipKey(): void {
  setSipKey(INPUT);
}

/** SipHash-2-4 of the input, little-endian. */
export function tag(length: u32): void {
  checkInput(length);
  store<u64>(OUTPUT, sipHash(INPUT, length));
}
