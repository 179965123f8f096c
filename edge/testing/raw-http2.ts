import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** For tests: HTTP/2 by hand, so that a peer can send what no library would. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
};
export const END_STREAM = 1;
export const END_HEADERS = 4;

export function h2Frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literals without indexing. */
export function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const length =
      bytes.length < 127 ? [bytes.length] : [127, ((bytes.length - 127) & 0x7f) | 0x80, (bytes.length - 127) >> 7];
    return Buffer.concat([Uint8Array.from(length), bytes]);
  };
  return Buffer.concat(
    Object.entries(headers).map(([name, value]) => Buffer.concat([Uint8Array.of(0), text(name), text(value)])),
  );
}

export const grpcHeaders = (path: string, more: Readonly<Record<string, string>> = {}) =>
  headerBlock({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'localhost',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  });

export interface RawPeer {
  readonly socket: Socket;
  /** The frames received, in order. */
  readonly frames: { readonly type: number; readonly stream: number; readonly payload: Buffer }[];
  readonly closed: Promise<void>;
  send(...frames: Uint8Array[]): void;
}

/** Connects and sends the preface; acknowledges nothing by itself. */
export async function rawPeer(port: number, settings: Uint8Array = new Uint8Array()): Promise<RawPeer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // A hostile peer is cut off in the middle of a write.
  socket.on('error', () => socket.destroy());
  const frames: RawPeer['frames'] = [];
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      frames.push({ type: bytes[3] ?? -1, stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
  });
  const closed = once(socket, 'close').then(() => undefined);
  const send = (...parts: Uint8Array[]) => {
    if (!socket.destroyed) socket.write(Buffer.concat(parts));
  };
  send(PREFACE, h2Frame(FRAME.SETTINGS, 0, 0, settings));
  return { socket, frames, closed, send };
}
