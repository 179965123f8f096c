import type { Socket } from 'node:net';
import type { Target } from '../target.ts';
import { connectSocket } from '../target.ts';
import { type Field, HpackDecoder, HpackEncoder } from './hpack.ts';
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FRAME,
  FrameWriter,
  frame,
  HEADER_BYTES,
  PRIORITY,
  settingsFrame,
  unpad,
  windowUpdateFrame,
} from './http2-frames.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** What the peer may send before it needs another WINDOW_UPDATE; large, so that the driver never holds it up. */
const RECEIVE_WINDOW = 2 ** 30;
/** Settings of RFC 9113, section 6.5.2. */
const SETTING = { enablePush: 2, maxConcurrentStreams: 3, initialWindow: 4, maxFrame: 5 };

const EMPTY = Buffer.alloc(0);

/** What one stream's reply is given to. */
export interface StreamHandler {
  onHeaders(fields: readonly Field[]): void;
  /** The bytes are valid during the call. */
  onData(bytes: Buffer): void;
  /** The peer is done (`reset` undefined), or reset the stream or lost the connection. Called once. */
  onEnd(reset: string | undefined): void;
}

interface OpenStream {
  readonly handler: StreamHandler;
  /** Bytes that the peer's window for this stream still takes. */
  window: number;
  /** What waits for window, in order, and whether the stream ends behind it. */
  queue: { bytes: Buffer; end: boolean }[];
}

/**
 * The client side of one HTTP/2 connection, written frame by frame on a plain socket. node:http2's client costs more a
 * call than the server that it would measure, and would make the generator the bottleneck.
 */
export class Http2Connection {
  #socket: Socket | undefined;
  readonly #encoder: HpackEncoder;
  readonly #decoder = new HpackDecoder();
  readonly #streams = new Map<number, OpenStream>();
  readonly #waiting = new Set<number>();
  #nextStream = 1;
  #sendWindow = 65_535;
  #initialWindow = 65_535;
  #maxFrame = 16_384;
  #received = 0;
  #input: Buffer = EMPTY;
  #block: { stream: number; flags: number; parts: Buffer[] } | undefined;
  /** A frame that is begun is complete before another one is: nothing else may come between its parts. */
  readonly #frames = new FrameWriter((bytes) => this.#write(bytes));
  /** The peer has said GOAWAY: it takes no further streams. */
  #leaving = false;
  /** From the peer's SETTINGS. */
  maxConcurrentStreams = 2 ** 31;
  bytesIn = 0;
  bytesOut = 0;

  readonly #onSettings: () => void;

  private constructor(fields: readonly Field[], onSettings: () => void) {
    this.#encoder = new HpackEncoder(fields);
    this.#onSettings = onSettings;
  }

  /** Connects and waits for the peer's SETTINGS. `fields` are the headers that every request on it carries. */
  static async open(target: Target, fields: readonly Field[]): Promise<Http2Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new Http2Connection(fields, resolve);
    const socket = await connectSocket(target, ['h2'], (chunk) => connection.#read(chunk));
    connection.#socket = socket;
    socket.once('close', () => {
      reject(new Error(`${target.host}:${target.port} closed before HTTP/2 SETTINGS`));
      connection.#lose('connection closed');
    });
    connection.#write(
      Buffer.concat([
        Buffer.from(PREFACE),
        settingsFrame([
          [SETTING.enablePush, 0],
          [SETTING.initialWindow, RECEIVE_WINDOW],
        ]),
        windowUpdateFrame(0, RECEIVE_WINDOW - 65_535),
      ]),
    );
    await promise;
    return connection;
  }

  /** Whether a new request would be taken. */
  get usable(): boolean {
    return !this.#leaving && this.#socket?.destroyed === false;
  }

  /** Starts a request. With `end` its body is complete. `extra` is appended to the header block. */
  request(handler: StreamHandler, body: Buffer, options: { end: boolean; extra?: Buffer }): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    const block = this.#encoder.next();
    const extra = options.extra;
    const length = block.length + (extra?.length ?? 0);
    this.#frames.begin({ length, type: FRAME.headers, flags: END_HEADERS, id });
    this.#frames.append(block);
    if (extra) this.#frames.append(extra);
    this.#streams.set(id, { handler, window: this.#initialWindow, queue: [] });
    if (body.length > 0 || options.end) this.send(id, body, options.end);
    return id;
  }

  /** Sends a part of a stream's body, when the windows allow. */
  send(id: number, bytes: Buffer, end: boolean) {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (stream.queue.length > 0 || bytes.length > Math.min(stream.window, this.#sendWindow, this.#maxFrame)) {
      stream.queue.push({ bytes, end });
      this.#drain(id, stream);
      return;
    }
    this.#data(id, stream, bytes, end);
  }

  /** Bytes of this stream that wait for the peer's window. */
  queued(id: number): number {
    return this.#streams.get(id)?.queue.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
  }

  close() {
    this.#socket?.destroy();
  }

  #drain(id: number, stream: OpenStream) {
    for (;;) {
      const head = stream.queue[0];
      if (head === undefined) {
        this.#waiting.delete(id);
        return;
      }
      const room = Math.min(stream.window, this.#sendWindow, this.#maxFrame);
      if (room <= 0 && head.bytes.length > 0) {
        this.#waiting.add(id);
        return;
      }
      const part = head.bytes.subarray(0, room);
      head.bytes = head.bytes.subarray(part.length);
      const last = head.bytes.length === 0;
      if (last) stream.queue.shift();
      this.#data(id, stream, part, last && head.end);
    }
  }

  #data(id: number, stream: OpenStream, bytes: Buffer, end: boolean) {
    stream.window -= bytes.length;
    this.#sendWindow -= bytes.length;
    this.#frames.begin({ length: bytes.length, type: FRAME.data, flags: end ? END_STREAM : 0, id });
    this.#frames.append(bytes);
  }

  #write(bytes: Buffer) {
    this.bytesOut += bytes.length;
    if (this.#socket?.destroyed === false) this.#socket.write(bytes);
  }

  #read(chunk: Buffer) {
    this.bytesIn += chunk.length;
    const input = this.#input.length > 0 ? Buffer.concat([this.#input, chunk]) : chunk;
    let at = 0;
    while (input.length - at >= HEADER_BYTES) {
      const length = input.readUIntBE(at, 3);
      if (input.length - at - HEADER_BYTES < length) break;
      const type = input[at + 3] ?? 0;
      const flags = input[at + 4] ?? 0;
      const id = input.readUInt32BE(at + 5) & 0x7fffffff;
      this.#frame(type, flags, id, input.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length));
      at += HEADER_BYTES + length;
    }
    this.#input = at < input.length ? Buffer.from(input.subarray(at)) : EMPTY;
  }

  #frame(type: number, flags: number, id: number, payload: Buffer) {
    switch (type) {
      case FRAME.data:
        return this.#onDataFrame(flags, id, unpad(payload, flags));
      case FRAME.headers: {
        const unpadded = unpad(payload, flags);
        const first = flags & PRIORITY ? unpadded.subarray(5) : unpadded;
        if (flags & END_HEADERS) return this.#onBlock(flags, id, first);
        this.#block = { stream: id, flags, parts: [Buffer.from(first)] };
        return;
      }
      case FRAME.continuation:
        this.#block?.parts.push(Buffer.from(payload));
        return this.#endBlock(flags);
      case FRAME.reset:
        return this.#end(id, `stream reset with code ${payload.readUInt32BE(0)}`);
      case FRAME.settings:
        return flags & ACK ? undefined : this.#settings(payload);
      case FRAME.ping:
        return flags & ACK ? undefined : this.#frames.append(frame(FRAME.ping, ACK, 0, payload));
      case FRAME.goaway:
        return this.#leave(payload.readUInt32BE(0) & 0x7fffffff);
      case FRAME.windowUpdate:
        return this.#windowUpdate(id, payload.readUInt32BE(0) & 0x7fffffff);
      default:
        return;
    }
  }

  #onDataFrame(flags: number, id: number, payload: Buffer) {
    this.#received += payload.length;
    const stream = this.#streams.get(id);
    stream?.handler.onData(payload);
    if (flags & END_STREAM) this.#end(id, undefined);
    if (this.#received > RECEIVE_WINDOW / 4) {
      this.#frames.append(windowUpdateFrame(0, this.#received));
      if (stream !== undefined && this.#streams.has(id)) this.#frames.append(windowUpdateFrame(id, this.#received));
      this.#received = 0;
    }
  }

  #endBlock(flags: number) {
    const block = this.#block;
    if (block === undefined || !(flags & END_HEADERS)) return;
    this.#block = undefined;
    this.#onBlock(block.flags, block.stream, Buffer.concat(block.parts));
  }

  #onBlock(flags: number, id: number, block: Buffer) {
    // Decoded even for a stream that is gone: the dynamic table belongs to the connection.
    const fields = this.#decoder.decode(block);
    this.#streams.get(id)?.handler.onHeaders(fields);
    if (flags & END_STREAM) this.#end(id, undefined);
  }

  #end(id: number, reset: string | undefined) {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    this.#waiting.delete(id);
    stream.handler.onEnd(reset);
  }

  #settings(payload: Buffer) {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      const setting = payload.readUInt16BE(at);
      if (setting === SETTING.maxConcurrentStreams) this.maxConcurrentStreams = value;
      if (setting === SETTING.maxFrame) this.#maxFrame = value;
      if (setting === SETTING.initialWindow) {
        for (const stream of this.#streams.values()) stream.window += value - this.#initialWindow;
        this.#initialWindow = value;
      }
    }
    this.#frames.append(frame(FRAME.settings, ACK, 0, Buffer.alloc(0)));
    this.#onSettings();
    this.#drainAll();
  }

  #windowUpdate(id: number, increment: number) {
    if (id === 0) {
      this.#sendWindow += increment;
      this.#drainAll();
      return;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.window += increment;
    this.#drain(id, stream);
  }

  #drainAll() {
    for (const id of [...this.#waiting]) {
      const stream = this.#streams.get(id);
      if (stream) this.#drain(id, stream);
    }
  }

  /** Streams above the last one that the peer names were not looked at; the others go on. */
  #leave(lastStream: number) {
    this.#leaving = true;
    for (const id of [...this.#streams.keys()]) if (id > lastStream) this.#end(id, 'refused by GOAWAY');
  }

  #lose(reason: string) {
    for (const id of [...this.#streams.keys()]) this.#end(id, reason);
  }
}
