import { Http2ErrorCode as Code } from '../error-code.ts';
import { Flag, FrameType, Setting } from '../frames/frame.ts';
import { encodeInteger } from '../hpack/encode-headers.ts';
import { STATIC_TABLE } from '../hpack/static-table.ts';
import { frame, literalBlock, REQUEST, setting, uint32 } from '../testing/raw-peer.ts';
import type { Random } from './random.ts';

/** The state of a client that breaks a rule. */
export interface ViolationContext {
  readonly random: Random;
  /** A stream that has not been used. */
  readonly nextId: number;
  /** Window of the client on the connection, and on a new stream. */
  readonly credit: number;
  readonly streamCredit: number;
  /** Entries in the client's dynamic table. */
  readonly tableEntries: number;
}

export interface Violation {
  readonly bytes: Buffer;
  /** Code of the GOAWAY, or of the RST_STREAM of the next stream. */
  readonly code: number;
  readonly ends: 'connection' | 'stream';
}

const connection = (code: number, ...parts: Uint8Array[]): Violation => ({
  bytes: Buffer.concat(parts),
  code,
  ends: 'connection',
});
const stream = (code: number, ...parts: Uint8Array[]): Violation => ({
  bytes: Buffer.concat(parts),
  code,
  ends: 'stream',
});

const headers = (id: number, more: Readonly<Record<string, string>> = {}) =>
  frame(FrameType.HEADERS, Flag.END_HEADERS, id, literalBlock({ ...REQUEST, ...more }));
/** A request whose body the application leaves unread, so that no window is returned. */
const held = (id: number) => headers(id, { ':path': '/held' });
const fill = (id: number, bytes: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes / 16_384) }, (_, i) =>
      frame(FrameType.DATA, 0, id, Buffer.alloc(Math.min(16_384, bytes - i * 16_384))),
    ),
  );

/** Each breaks one rule by as little as possible. */
export const VIOLATIONS: readonly ((context: ViolationContext) => Violation | undefined)[] = [
  ({ nextId, credit, streamCredit }) =>
    credit <= streamCredit ? undefined : stream(Code.FLOW_CONTROL_ERROR, held(nextId), fill(nextId, streamCredit + 1)),
  ({ nextId, credit, streamCredit }) =>
    credit > streamCredit ? undefined : connection(Code.FLOW_CONTROL_ERROR, held(nextId), fill(nextId, credit + 1)),
  ({ nextId, random }) => {
    const length = 1 + random.int(20);
    const payload = Buffer.concat([Uint8Array.of(length), random.bytes(length - 1)]);
    return connection(Code.PROTOCOL_ERROR, headers(nextId), frame(FrameType.DATA, Flag.PADDED, nextId, payload));
  },
  ({ nextId, random }) => {
    const block = literalBlock(REQUEST);
    const payload = Buffer.concat([Uint8Array.of(Math.min(255, block.length + 1 + random.int(3))), block]);
    return connection(Code.PROTOCOL_ERROR, frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.PADDED, nextId, payload));
  },
  ({ nextId, random }) =>
    connection(
      Code.COMPRESSION_ERROR,
      frame(FrameType.HEADERS, Flag.END_HEADERS, nextId, encodeInteger(0x20, 5, 4_097 + random.int(100))),
    ),
  ({ nextId, tableEntries }) =>
    connection(
      Code.COMPRESSION_ERROR,
      frame(
        FrameType.HEADERS,
        Flag.END_HEADERS,
        nextId,
        encodeInteger(0x80, 7, STATIC_TABLE.length + tableEntries + 1),
      ),
    ),
  ({ random }) => connection(Code.FRAME_SIZE_ERROR, frame(FrameType.PING, 0, 0, random.bytes(random.pick([0, 7, 9])))),
  ({ nextId }) => connection(Code.PROTOCOL_ERROR, frame(FrameType.DATA, 0, nextId, 'x')),
  ({ nextId }) => connection(Code.PROTOCOL_ERROR, frame(FrameType.WINDOW_UPDATE, 0, nextId, uint32(1))),
  ({ nextId }) =>
    stream(
      Code.FLOW_CONTROL_ERROR,
      headers(nextId),
      frame(FrameType.WINDOW_UPDATE, 0, nextId, uint32(2 ** 31 - 1)),
      // The first window may be 0.
      frame(FrameType.WINDOW_UPDATE, 0, nextId, uint32(1)),
    ),
  () =>
    connection(Code.FLOW_CONTROL_ERROR, frame(FrameType.SETTINGS, 0, 0, setting(Setting.INITIAL_WINDOW_SIZE, 2 ** 31))),
  ({ nextId }) =>
    stream(
      Code.PROTOCOL_ERROR,
      headers(nextId, { 'content-length': '2' }),
      frame(FrameType.DATA, Flag.END_STREAM, nextId, 'x'),
    ),
  ({ nextId }) => stream(Code.PROTOCOL_ERROR, headers(nextId, { te: 'gzip' })),
  ({ nextId }) => stream(Code.PROTOCOL_ERROR, headers(nextId, { Upper: 'x' })),
];
