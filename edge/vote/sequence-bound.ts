import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';

/** How far a sequence may be ahead of the server's clock, because the clocks of clients differ. */
const SLACK_MS = 3_600_000;
/** Vote.sequence, varint. It is the last field of an encoded vote. */
const SEQUENCE_TAG = 0x30;
/** A varint of this length holds 2^49 or more; the bound is larger, and MAX_SEQUENCE fits. */
const LONG_BYTES = 8;

/**
 * The largest sequence accepted at `now` (milliseconds since 1970): the clock in microseconds plus an hour. Counters
 * and times in seconds, milliseconds or microseconds all stay below it, and every vote can be overridden by a later
 * one.
 */
export function maxSequence(now: number): number {
  return (now + SLACK_MS) * 1000;
}

export function sequenceProblem(now: number): Problem {
  const message = `sequence must be at most the time in microseconds plus one hour, now ${Math.floor(maxSequence(now))}`;
  return { code: ErrorCode.OUT_OF_RANGE, detail: message, errors: [{ field: 'sequence', message }] };
}

/**
 * Whether the encoded vote in `bytes` from `start` to `end`, framed, has a sequence above `max`. Reads few bytes of
 * most votes.
 */
export function exceedsSequence(bytes: Uint8Array, start: number, end: number, max: number): boolean {
  const at = end - LONG_BYTES;
  if (bytes[at - 1] !== SEQUENCE_TAG || (bytes[at] as number) < 0x80) return false;
  return sequenceOf(bytes, start, end) > max;
}

/** Walks the fields of a vote, because the last bytes of a text may look like a sequence. */
function sequenceOf(bytes: Uint8Array, start: number, end: number): number {
  // The frame: one byte of tag, then the length of the vote.
  let at = skipVarint(bytes, start + 1);
  while (at < end) {
    if (bytes[at] === SEQUENCE_TAG) return readVarint(bytes, at + 1);
    // Every other field is length-delimited with a tag of one byte.
    const length = readVarint(bytes, at + 1);
    at = skipVarint(bytes, at + 1) + length;
  }
  return 0;
}

function skipVarint(bytes: Uint8Array, at: number): number {
  let next = at;
  while ((bytes[next] as number) >= 0x80) next++;
  return next + 1;
}

function readVarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  let factor = 1;
  for (let next = at; ; next++) {
    const byte = bytes[next] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
}
