import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { FIELD_NONE } from '../../rejection-field.ts';
import { byteAt } from '../memory.ts';
import { REFUSED, refuse } from '../rejection.ts';

/** The same limit as other protobuf libraries. */
const MAX_GROUP_DEPTH = 100;
/** A tag has 32 bits. Padded to more bytes it is malformed, as protobuf's conformance tests demand. */
const MAX_TAG_BYTES = 5;

/** Results of readVarint, readTag and readLength. */
export const found = {
  /** Exact up to 2^53; larger numbers never round below it. */
  varint: 0,
  tag: 0,
  /** Length of the content in bytes. */
  length: 0,
};

/** Malformed content is reported at the tag of its field. */
export function malformedProto(at: number): number {
  refuse(ErrorCode.MALFORMED_PROTOBUF, at, FIELD_NONE);
  return REFUSED;
}

/** Returns the position after the varint at `start`, or REFUSED if it is truncated or exceeds 64 bits. */
export function readVarint(start: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let p = start; p < end && p < start + 10; p++) {
    const byte = byteAt(p);
    if (p === start + 9 && byte > 1) return REFUSED;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      found.varint = value;
      return p + 1;
    }
    scale *= 128;
  }
  return REFUSED;
}

/** Returns the position after the tag at `p`, or REFUSED. */
export function readTag(p: number, end: number): number {
  const byte = byteAt(p);
  if (byte < 0x80 && byte > 7) {
    found.tag = byte;
    return p + 1;
  }
  const next = readVarint(p, end);
  const { varint } = found;
  if (next === REFUSED || next - p > MAX_TAG_BYTES || varint > 0xffffffff || varint < 8) return malformedProto(p);
  found.tag = varint;
  return next;
}

/** Reads the length at `p`. Returns the start of its content, or REFUSED; `at` is the field's tag. */
export function readLength(p: number, end: number, at: number): number {
  const content = readVarint(p, end);
  if (content === REFUSED || found.varint > end - content) return malformedProto(at);
  found.length = found.varint;
  return content;
}

/** Skips the content of an unknown field whose tag, at `at`, was read. Returns the position after it. */
export function skipField(p: number, end: number, at: number, depth: number): number {
  switch (found.tag % 8) {
    case 0: {
      const next = readVarint(p, end);
      return next === REFUSED ? malformedProto(at) : next;
    }
    case 1:
      return end - p < 8 ? malformedProto(at) : p + 8;
    case 2: {
      const content = readLength(p, end, at);
      return content === REFUSED ? REFUSED : content + found.length;
    }
    case 3:
      return skipGroup(p, end, at, depth + 1);
    case 5:
      return end - p < 4 ? malformedProto(at) : p + 4;
    default:
      return malformedProto(at);
  }
}

function skipGroup(start: number, end: number, at: number, depth: number): number {
  if (depth > MAX_GROUP_DEPTH) {
    refuse(ErrorCode.NESTED_TOO_DEEP, at, FIELD_NONE);
    return REFUSED;
  }
  const endTag = found.tag + 1;
  let p = start;
  while (p < end) {
    const fieldAt = p;
    p = readTag(p, end);
    if (p === REFUSED) return REFUSED;
    if (found.tag === endTag) return p;
    p = skipField(p, end, fieldAt, depth);
    if (p === REFUSED) return REFUSED;
  }
  return malformedProto(at);
}
