import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** What a CastVoteRequest holds, its Vote still encoded. */
export interface CastVoteFields {
  readonly vote: Uint8Array;
  readonly wait: boolean;
}

const VOTE = 0x0a; // field 1, length-delimited
const WAIT = 0x10; // field 2, varint
/** Fields 3 to 8 are those of Vote, each with Vote's own number plus this. */
const FLAT_OFFSET = 2;
const FLAT_LAST = 8;

/**
 * Reads a CastVoteRequest without decoding the vote in it, which is the codec's affair. Undefined: it is not protobuf.
 * A request without a vote has an empty one, which the codec refuses for what it lacks.
 */
export function readCastVoteRequest(message: Uint8Array): CastVoteFields | undefined {
  if (message[0] === VOTE) {
    const first = message[1] ?? 0;
    let start = 2;
    let length = first;
    if (first > 0x7f) {
      length = (first & 0x7f) | ((message[2] ?? 0x80) << 7);
      start = 3;
    }
    const end = start + length;
    if ((message[start - 1] ?? 0x80) < 0x80) {
      if (end === message.length) return { vote: message.subarray(start, end), wait: false };
      if (end + 2 === message.length && message[end] === WAIT && (message[end + 1] ?? 2) < 2) {
        return { vote: message.subarray(start, end), wait: message[end + 1] === 1 };
      }
    }
  }
  return readAnyOrder(message);
}

/** The same for every other way to write the message down: other orders, unknown fields, a vote in parts, or flat. */
function readAnyOrder(message: Uint8Array): CastVoteFields | undefined {
  const parts: Uint8Array[] = [];
  const flat: Uint8Array[] = [];
  let wait = false;
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const tagAt = reader.pos;
      const [field, wire] = reader.tag();
      if (field === 1) {
        if (wire !== WireType.LengthDelimited) return undefined;
        parts.push(reader.bytes());
      } else if (field === 2) {
        if (wire !== WireType.Varint) return undefined;
        wait = reader.bool();
      } else {
        reader.skip(wire, field);
        if (field <= FLAT_LAST) flat.push(voteField(message.subarray(tagAt, reader.pos), field, wire));
      }
    }
  } catch {
    // BinaryReader has no other way to say that the bytes are not protobuf.
    return undefined;
  }
  // A message field that comes twice is merged, and protobuf's merge is concatenation.
  return { vote: Buffer.concat(parts.length > 0 ? parts : flat), wait };
}

/** A flat field as Vote has it. Its tag is one byte at its shortest, and may be written longer than that. */
function voteField(bytes: Uint8Array, field: number, wire: WireType): Uint8Array {
  let tagBytes = 1;
  while ((bytes[tagBytes - 1] ?? 0) > 0x7f) tagBytes++;
  return Buffer.concat([Uint8Array.of(((field - FLAT_OFFSET) << 3) | wire), bytes.subarray(tagBytes)]);
}
