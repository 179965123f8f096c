import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { RejectedVote } from '../../vote/ingress.ts';
import { frame } from '../framing/frame.ts';

/**
 * A framed CastVotesResponse or StreamVotesResponse: both have a count in field 1 and RejectedVotes in field 2.
 * CastVotesResponse also has the number of omitted RejectedVotes in field 3.
 */
export function frameBatchResponse(count: number, rejected: readonly RejectedVote[], omitted = 0): Buffer {
  const writer = new BinaryWriter();
  if (count > 0) writer.tag(1, WireType.Varint).uint64(count);
  for (const { index, code, message } of rejected) {
    writer.tag(2, WireType.LengthDelimited).fork();
    if (index > 0) writer.tag(1, WireType.Varint).uint64(index);
    writer.tag(2, WireType.Varint).int32(code);
    writer.tag(3, WireType.LengthDelimited).string(message);
    writer.join();
  }
  if (omitted > 0) writer.tag(3, WireType.Varint).uint32(omitted);
  return frame(writer.finish());
}
