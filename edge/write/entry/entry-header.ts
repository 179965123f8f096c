import { Transport } from '../../vote/transport.ts';

const TAG_PATH = 0x08;
const TAG_EDGE = 0x12;
const TAG_RECEIVED_AT = 0x18;
/** Milliseconds since 1970 fit in six bytes of seven bits until the year 2109. */
const TIME_BYTES = 6;

/** The fields of a VoteBatch before its votes. The last six bytes are the time; `writeTime` fills it in per entry. */
export function entryHeader(transport: Transport, edge: string): Buffer {
  const name = Buffer.from(edge).subarray(0, 127);
  return Buffer.concat([
    transport === Transport.UNSPECIFIED ? Buffer.alloc(0) : Buffer.from([TAG_PATH, transport]),
    Buffer.from([TAG_EDGE, name.length]),
    name,
    Buffer.from([TAG_RECEIVED_AT]),
    Buffer.alloc(TIME_BYTES),
  ]);
}

/** Writes `ms` as a varint of fixed length; it ends where the header ends. */
export function writeTime(target: Buffer, headerBytes: number, ms: number): void {
  let rest = ms;
  for (let i = 0; i < TIME_BYTES; i++) {
    target[headerBytes - TIME_BYTES + i] = (rest % 128) | (i < TIME_BYTES - 1 ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
}
