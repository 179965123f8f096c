import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { take } from '../../../wasm/typescript/memory.ts';
import { found, readTag, readVarint, skipField } from '../../../wasm/typescript/proto/proto-field.ts';
import { REFUSED } from '../../../wasm/typescript/rejection.ts';

const VOTE = 0x0a; // field 1, length-delimited
const WAIT = 0x10; // field 2, varint
/** Fields 3 to 8 of a CastVoteRequest are the fields of Vote with their numbers increased by this. */
const FLAT_OFFSET = 2;
const FLAT_LAST = 8;

/**
 * Moves the vote of a CastVoteRequest into field 1 if it was sent as flat fields. Returns any other message unchanged;
 * the codec, whose reader this uses, rejects malformed ones.
 */
export function nestFlatVote(message: Uint8Array): Uint8Array {
  return message[0] === VOTE ? message : nested(message);
}

function nested(message: Uint8Array): Uint8Array {
  const vote: Uint8Array[] = [];
  const end = message.length;
  let wait = false;
  take(message);
  for (let p = 0; p < end; ) {
    const at = p;
    p = readTag(p, end);
    if (p === REFUSED) return message;
    const { tag } = found;
    const field = tag >>> 3;
    if (field === 1) return message;
    if (tag === WAIT) {
      p = readVarint(p, end);
      wait = found.varint !== 0;
    } else if (field === 2) return message;
    else p = skipField(p, end, at, 0);
    if (p === REFUSED) return message;
    if (field > 2 && field <= FLAT_LAST) vote.push(voteField(message.subarray(at, p), field, tag & 7));
  }
  if (vote.length === 0) return message;
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Buffer.concat(vote));
  if (wait) writer.tag(2, WireType.Varint).bool(wait);
  return writer.finish();
}

/** A flat field with the tag it has in Vote. Its own tag may take more bytes than necessary. */
function voteField(bytes: Uint8Array, field: number, wire: number): Uint8Array {
  let tagBytes = 1;
  while ((bytes[tagBytes - 1] ?? 0) > 0x7f) tagBytes++;
  return Buffer.concat([Uint8Array.of(((field - FLAT_OFFSET) << 3) | wire), bytes.subarray(tagBytes)]);
}
