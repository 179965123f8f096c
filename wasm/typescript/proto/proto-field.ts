import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { FIELD_NONE } from '../../rejection-field.ts';
import { REFUSED } from '../json/json-string.ts';
import { byteAt } from '../memory.ts';
import { refuse } from '../rejection.ts';

/** As other protobuf libraries have it. */
const MAX_GROUP_DEPTH = 100;

/** What readVarint, readTag and readLength found. */
export const found = {
  /** Exact up to 2^53, and beyond that never rounded to below it. */
  varint: 0,
  tag: 0,
  /** Bytes of the content. */
  length: 0,
};

/** What can't be read is told at the tag of the field that holds it. */
export function malformedProto(at: number): number {
  refuse(ErrorCode.MALFORMED_PROTOBUF, at, FIELD_NONE);
  return REFUSED;
}

/** Returns the place behind the varint at `start`, or REFUSED where it is cut off or more than 64 bits. */
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

/** Returns the place behind the tag at `p`, or REFUSED. */
export function readTag(p: number, end: number): number {
  const byte = byteAt(p);
  if (byte < 0x80 && byte > 7) {
    found.tag = byte;
    return p + 1;
  }
  const behind = readVarint(p, end);
  if (behind === REFUSED || found.varint > 0xffffffff || found.varint < 8) return malformedProto(p);
  found.tag = found.varint;
  return behind;
}

/** Returns where the content begins whose length stands at `p`, or REFUSED; `at` is the field's tag. */
export function readLength(p: number, end: number, at: number): number {
  const content = readVarint(p, end);
  if (content === REFUSED || found.varint > end - content) return malformedProto(at);
  found.length = found.varint;
  return content;
}

/** Skips the content of a field that is not known, whose tag (at `at`) was read. Returns the place behind it. */
export function skipField(p: number, end: number, at: number, depth: number): number {
  switch (found.tag % 8) {
    case 0: {
      const behind = readVarint(p, end);
      return behind === REFUSED ? malformedProto(at) : behind;
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
