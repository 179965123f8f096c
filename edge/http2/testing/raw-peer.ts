import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Flag, FrameType, PREFACE } from '../frames/frame.ts';

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** One frame, valid or not. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function setting(id: number, value: number): Buffer {
  return Buffer.concat([Uint8Array.of(0, id), uint32(value)]);
}

/** A header block of literals without indexing. */
export function literalBlock(
  headers: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'latin1');
    const rest = bytes.length - 127;
    const length = rest < 0 ? [bytes.length] : [127, (rest & 0x7f) | 0x80, ((rest >> 7) & 0x7f) | 0x80, rest >> 14];
    return Buffer.concat([Uint8Array.from(length), bytes]);
  };
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  return Buffer.concat(pairs.map(([name, value]) => Buffer.concat([Uint8Array.of(0), text(name), text(value)])));
}

export const REQUEST = { ':method': 'POST', ':scheme': 'http', ':path': '/', ':authority': 'localhost' };

/** HEADERS that open a stream and leave it open unless `flags` end it. */
export function open(stream: number, more: Readonly<Record<string, string>> = {}, flags = 0): Buffer {
  return frame(FrameType.HEADERS, Flag.END_HEADERS | flags, stream, literalBlock({ ...REQUEST, ...more }));
}

/** Speaks HTTP/2 by hand: sends frames that no library would, and acknowledges nothing by itself. */
export class RawPeer implements Disposable {
  readonly frames: ReceivedFrame[] = [];
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Connects and sends the preface with these settings. */
  static async connect(
    port: number,
    settings: Uint8Array | 'no-preface' = new Uint8Array(),
    localAddress = '127.0.0.1',
  ): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    await once(socket, 'connect');
    const peer = new RawPeer(socket);
    if (settings !== 'no-preface') peer.send(PREFACE, frame(FrameType.SETTINGS, 0, 0, settings));
    return peer;
  }

  send(...parts: Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(parts));
  }

  /** The first matching frame, already received or awaited. */
  async receive(type: number, stream?: number, fits = (_frame: ReceivedFrame) => true): Promise<ReceivedFrame> {
    const find = () =>
      this.frames.find((each) => each.type === type && (stream === undefined || each.stream === stream) && fits(each));
    await this.#until(() => find() !== undefined || this.#closed);
    const found = find();
    if (found === undefined) throw new Error(`No frame of type ${type}; received ${JSON.stringify(this.frames)}`);
    return found;
  }

  /** The code of the RST_STREAM for a stream. */
  async resetCode(stream: number): Promise<number> {
    return (await this.receive(FrameType.RST_STREAM, stream)).payload.readUInt32BE(0);
  }

  /** The code of the last GOAWAY, once the server has closed the connection. */
  async goAwayCode(): Promise<number | undefined> {
    await this.closed();
    return this.frames.findLast(({ type }) => type === FrameType.GOAWAY)?.payload.readUInt32BE(4);
  }

  async closed(): Promise<void> {
    await this.#until(() => this.#closed);
  }

  /** Returns when the server has handled everything that was sent before. */
  async settled(): Promise<void> {
    const token = Buffer.alloc(8);
    token.writeUInt32BE(this.frames.length + 1, 4);
    this.send(frame(FrameType.PING, 0, 0, token));
    await this.receive(FrameType.PING, 0, ({ payload }) => payload.equals(token));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #until(condition: () => boolean): Promise<void> {
    const late = setTimeout(() => this.socket.destroy(new Error('Waited 10 s')), 10_000);
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(late);
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 9 && this.#bytes.length >= 9 + this.#bytes.readUIntBE(0, 3)) {
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      this.frames.push({
        type: this.#bytes[3] ?? -1,
        flags: this.#bytes[4] ?? 0,
        stream: this.#bytes.readUInt32BE(5),
        payload: this.#bytes.subarray(9, end),
      });
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#wake();
  }
}
