import { MALFORMED_PROTOBUF, NESTED_TOO_DEEP } from '../error-code';
import { FIELD_NONE, refuse } from '../rejection';

/** The same limit as other protobuf libraries. */
const MAX_GROUP_DEPTH: u32 = 100;
/** A tag has 32 bits. Padded to more bytes it is malformed, as protobuf's conformance tests demand. */
const MAX_TAG_BYTES: usize = 5;

/** Results of readVarint, readTag and readLength. */
export let varint: u64 = 0;
export let tag: u32 = 0;
export let contentLength: usize = 0;

/** Malformed content is reported at the tag of its field. */
export function malformedProto(at: usize): usize {
  refuse(MALFORMED_PROTOBUF, at, FIELD_NONE);
  return 0;
}

/** Returns the position after the varint at `p`, or 0 if it is truncated or exceeds 64 bits. */
export function readVarint(p: usize, end: usize): usize {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (p >= end) return 0;
    const byte = <u64>load<u8>(p++);
    if (shift === 63 && byte > 1) return 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varint = value;
      return p;
    }
  }
  return 0;
}

/** Returns the position after the tag at `p`, or 0 after `refuse`. */
export function readTag(p: usize, end: usize): usize {
  const byte = <u32>load<u8>(p);
  if (byte < 0x80 && byte > 7) {
    tag = byte;
    return p + 1;
  }
  const next = readVarint(p, end);
  if (next === 0 || next - p > MAX_TAG_BYTES || varint > <u64>u32.MAX_VALUE || varint < 8) return malformedProto(p);
  tag = <u32>varint;
  return next;
}

/** Reads the length at `p`. Returns the start of its content, or 0 after `refuse`; `at` is the field's tag. */
export function readLength(p: usize, end: usize, at: usize): usize {
  if (p < end && load<u8>(p) < 0x80) {
    contentLength = <usize>load<u8>(p++);
  } else {
    p = readVarint(p, end);
    if (p === 0 || varint > <u64>(end - p)) return malformedProto(at);
    contentLength = <usize>varint;
  }
  return contentLength > end - p ? malformedProto(at) : p;
}

/** Skips the content of an unknown field whose tag, at `at`, was read. Returns the position after it, or 0. */
export function skipField(p: usize, end: usize, at: usize, depth: u32): usize {
  switch (tag & 7) {
    case 0:
      p = readVarint(p, end);
      return p === 0 ? malformedProto(at) : p;
    case 1:
      return end - p < 8 ? malformedProto(at) : p + 8;
    case 2:
      p = readLength(p, end, at);
      return p === 0 ? 0 : p + contentLength;
    case 3:
      return skipGroup(p, end, at, depth + 1);
    case 5:
      return end - p < 4 ? malformedProto(at) : p + 4;
    default:
      return malformedProto(at);
  }
}

function skipGroup(p: usize, end: usize, at: usize, depth: u32): usize {
  if (depth > MAX_GROUP_DEPTH) {
    refuse(NESTED_TOO_DEEP, at, FIELD_NONE);
    return 0;
  }
  const endTag = tag + 1;
  while (p < end) {
    const fieldAt = p;
    p = readTag(p, end);
    if (p === 0) return 0;
    if (tag === endTag) return p;
    p = skipField(p, end, fieldAt, depth);
    if (p === 0) return 0;
  }
  return malformedProto(at);
}
