import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const VOTE = 0x0a; // field 1, length-delimited
/** Fields 3 to 8 of a CastVoteRequest are those of Vote, with this added to their numbers. */
const FLAT_OFFSET = 2;
const FLAT_LAST = 8;

/**
 * Moves the vote of a CastVoteRequest into field 1 if it was sent as flat fields. Returns any other message as it is,
 * malformed ones too: the codec rejects them.
 */
export function nestFlatVote(message: Uint8Array): Uint8Array {
  return message[0] === VOTE ? message : nested(message);
}

function nested(message: Uint8Array): Uint8Array {
  const vote: Uint8Array[] = [];
  let wait = false;
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const tagAt = reader.pos;
      const [field, wire] = reader.tag();
      if (field === 1) return message;
      if (field === 2 && wire !== WireType.Varint) return message;
      if (field === 2) wait = reader.bool();
      else {
        reader.skip(wire, field);
        if (field <= FLAT_LAST) vote.push(voteField(message.subarray(tagAt, reader.pos), field, wire));
      }
    }
  } catch {
    // BinaryReader throws on malformed input.
    return message;
  }
  if (vote.length === 0) return message;
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Buffer.concat(vote));
  if (wait) writer.tag(2, WireType.Varint).bool(wait);
  return writer.finish();
}

/** A flat field with the tag it has in Vote. Its own tag may take more bytes than necessary. */
function voteField(bytes: Uint8Array, field: number, wire: WireType): Uint8Array {
  let tagBytes = 1;
  while ((bytes[tagBytes - 1] ?? 0) > 0x7f) tagBytes++;
  return Buffer.concat([Uint8Array.of(((field - FLAT_OFFSET) << 3) | wire), bytes.subarray(tagBytes)]);
}
