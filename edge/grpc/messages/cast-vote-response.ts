import { Status } from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { ReceiptStatus } from '../../vote/ingress.ts';
import { FRAME_PREFIX_BYTES } from '../framing/frame.ts';

/** The Status of each receipt status. */
export const RECEIPT_STATUS: Readonly<Record<ReceiptStatus, Status>> = {
  queued: Status.QUEUED,
  counted: Status.COUNTED,
  superseded: Status.SUPERSEDED,
  duplicate: Status.DUPLICATE,
  late: Status.LATE,
  dead: Status.DEAD,
};

const RECEIPT = 0x0a; // field 1, length-delimited
const STATUS = 0x10; // field 2, varint
/** Bytes of tags and lengths around the receipt: two before it, two after it. */
const AROUND = 4;

/** A framed CastVoteResponse. `receipt` is ASCII of at most 127 characters, so that its length is one byte. */
export function frameCastVoteResponse(receipt: string, status: ReceiptStatus): Buffer {
  const length = receipt.length + AROUND;
  const framed = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + length);
  framed[0] = 0;
  framed.writeUInt32BE(length, 1);
  framed[FRAME_PREFIX_BYTES] = RECEIPT;
  framed[FRAME_PREFIX_BYTES + 1] = receipt.length;
  framed.write(receipt, FRAME_PREFIX_BYTES + 2, 'latin1');
  framed[framed.length - 2] = STATUS;
  framed[framed.length - 1] = RECEIPT_STATUS[status];
  return framed;
}
