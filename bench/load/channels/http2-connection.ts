import type { Socket } from 'node:net';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  Flag,
  FrameType,
  PREFACE,
  Setting,
} from '../../../edge/http2/frames/frame.ts';
import { FrameReader } from '../../../edge/http2/frames/frame-reader.ts';
import { HpackDecoder } from '../../../edge/http2/hpack/hpack-decoder.ts';
import type { Target } from '../target.ts';
import { connectSocket } from '../target.ts';
import { FrameWriter, frame, settingsFrame, unpad, windowUpdateFrame } from './http2-frames.ts';
import { type Field, RequestBlocks } from './request-blocks.ts';

/** Bytes that the peer may send before it needs another WINDOW_UPDATE; large, so that the driver never blocks it. */
const RECEIVE_WINDOW = 2 ** 30;

/** Receives the reply of one stream. */
export interface StreamHandler {
  onHeaders(fields: readonly Field[]): void;
  /** The bytes are valid during the call. */
  onData(bytes: Buffer): void;
  /** The peer ended the stream (`reset` undefined) or reset it, or the connection is lost. Called once. */
  onEnd(reset: string | undefined): void;
}

interface OpenStream {
  readonly handler: StreamHandler;
  /** Remaining bytes of the peer's window for this stream. */
  window: number;
  /** Parts of the body waiting for the window, in order. */
  queue: { bytes: Buffer; end: boolean }[];
}

/**
 * The client side of one HTTP/2 connection, written frame by frame on a plain socket. The client of node:http2 takes
 * more CPU per call than the servers under test and would make the load generator the bottleneck.
 */
export class Http2Connection {
  #socket: Socket | undefined;
  readonly #blocks: RequestBlocks;
  readonly #decoder = new HpackDecoder();
  readonly #streams = new Map<number, OpenStream>();
  readonly #waiting = new Set<number>();
  #nextStream = 1;
  #sendWindow = DEFAULT_WINDOW_BYTES;
  #initialWindow = DEFAULT_WINDOW_BYTES;
  #maxFrame = DEFAULT_FRAME_BYTES;
  #received = 0;
  readonly #reader = new FrameReader(
    {
      frame: (type, flags, id, bytes, start, end) => {
        this.#frame(type, flags, id, bytes.subarray(start, end));
        return true;
      },
      frameTooLarge: () => this.close(),
    },
    DEFAULT_FRAME_BYTES,
  );
  #block: { stream: number; flags: number; parts: Buffer[] } | undefined;
  /** A frame must be complete before another one begins; nothing may come between its parts. */
  readonly #frames = new FrameWriter((bytes) => this.#write(bytes));
  /** True after the peer sent GOAWAY and accepts no further streams. */
  #leaving = false;
  /** From the peer's SETTINGS. */
  maxConcurrentStreams = 2 ** 31;
  bytesIn = 0;
  bytesOut = 0;

  readonly #onSettings: () => void;

  private constructor(fields: readonly Field[], onSettings: () => void) {
    this.#blocks = new RequestBlocks(fields);
    this.#onSettings = onSettings;
  }

  /** Connects and waits for the peer's SETTINGS. `fields` are the headers of every request on it. */
  static async open(target: Target, fields: readonly Field[]): Promise<Http2Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new Http2Connection(fields, resolve);
    const socket = await connectSocket(target, (chunk) => connection.#read(chunk));
    connection.#socket = socket;
    socket.once('close', () => {
      reject(new Error(`${target.host}:${target.port} closed before HTTP/2 SETTINGS`));
      connection.#lose('connection closed');
    });
    connection.#write(
      Buffer.concat([
        PREFACE,
        settingsFrame([
          [Setting.ENABLE_PUSH, 0],
          [Setting.INITIAL_WINDOW_SIZE, RECEIVE_WINDOW],
        ]),
        windowUpdateFrame(0, RECEIVE_WINDOW - DEFAULT_WINDOW_BYTES),
      ]),
    );
    await promise;
    return connection;
  }

  /** Whether a new request can be sent. */
  get usable(): boolean {
    return !this.#leaving && this.#socket?.destroyed === false;
  }

  /** Starts a request. With `end` its body is complete. `extra` is appended to the header block. */
  request(handler: StreamHandler, body: Buffer, options: { end: boolean; extra?: Buffer }): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    const block = this.#blocks.next();
    const extra = options.extra;
    const length = block.length + (extra?.length ?? 0);
    this.#frames.begin({ length, type: FrameType.HEADERS, flags: Flag.END_HEADERS, id });
    this.#frames.append(block);
    if (extra) this.#frames.append(extra);
    this.#streams.set(id, { handler, window: this.#initialWindow, queue: [] });
    if (body.length > 0 || options.end) this.send(id, body, options.end);
    return id;
  }

  /** Sends a part of a stream's body as soon as the windows allow. */
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
    this.#frames.begin({ length: bytes.length, type: FrameType.DATA, flags: end ? Flag.END_STREAM : 0, id });
    this.#frames.append(bytes);
  }

  #write(bytes: Buffer) {
    this.bytesOut += bytes.length;
    if (this.#socket?.destroyed === false) this.#socket.write(bytes);
  }

  #read(chunk: Buffer) {
    this.bytesIn += chunk.length;
    this.#reader.push(chunk, 0);
  }

  #frame(type: number, flags: number, id: number, payload: Buffer) {
    switch (type) {
      case FrameType.DATA:
        return this.#onDataFrame(flags, id, unpad(payload, flags));
      case FrameType.HEADERS: {
        const unpadded = unpad(payload, flags);
        const first = flags & Flag.PRIORITY ? unpadded.subarray(5) : unpadded;
        if (flags & Flag.END_HEADERS) return this.#onBlock(flags, id, first);
        this.#block = { stream: id, flags, parts: [Buffer.from(first)] };
        return;
      }
      case FrameType.CONTINUATION:
        this.#block?.parts.push(Buffer.from(payload));
        return this.#endBlock(flags);
      case FrameType.RST_STREAM:
        return this.#end(id, `stream reset with code ${payload.readUInt32BE(0)}`);
      case FrameType.SETTINGS:
        return flags & Flag.ACK ? undefined : this.#settings(payload);
      case FrameType.PING:
        return flags & Flag.ACK ? undefined : this.#frames.append(frame(FrameType.PING, Flag.ACK, 0, payload));
      case FrameType.GOAWAY:
        return this.#leave(payload.readUInt32BE(0) & 0x7fffffff);
      case FrameType.WINDOW_UPDATE:
        return this.#windowUpdate(id, payload.readUInt32BE(0) & 0x7fffffff);
      default:
        return;
    }
  }

  #onDataFrame(flags: number, id: number, payload: Buffer) {
    this.#received += payload.length;
    const stream = this.#streams.get(id);
    stream?.handler.onData(payload);
    if (flags & Flag.END_STREAM) this.#end(id, undefined);
    if (this.#received > RECEIVE_WINDOW / 4) {
      this.#frames.append(windowUpdateFrame(0, this.#received));
      if (stream !== undefined && this.#streams.has(id)) this.#frames.append(windowUpdateFrame(id, this.#received));
      this.#received = 0;
    }
  }

  #endBlock(flags: number) {
    const block = this.#block;
    if (block === undefined || !(flags & Flag.END_HEADERS)) return;
    this.#block = undefined;
    this.#onBlock(block.flags, block.stream, Buffer.concat(block.parts));
  }

  #onBlock(flags: number, id: number, block: Buffer) {
    // Decoded even for a closed stream, because the dynamic table belongs to the connection.
    const fields: Field[] = [];
    if (!this.#decoder.decode(block, 0, block.length, { field: (field) => fields.push(field) })) {
      this.#socket?.destroy();
      return;
    }
    this.#streams.get(id)?.handler.onHeaders(fields);
    if (flags & Flag.END_STREAM) this.#end(id, undefined);
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
      if (setting === Setting.MAX_CONCURRENT_STREAMS) this.maxConcurrentStreams = value;
      if (setting === Setting.MAX_FRAME_SIZE) this.#maxFrame = value;
      if (setting === Setting.INITIAL_WINDOW_SIZE) {
        for (const stream of this.#streams.values()) stream.window += value - this.#initialWindow;
        this.#initialWindow = value;
      }
    }
    this.#frames.append(frame(FrameType.SETTINGS, Flag.ACK, 0, Buffer.alloc(0)));
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

  /** Ends streams above the last one of a GOAWAY, which were not processed; the others continue. */
  #leave(lastStream: number) {
    this.#leaving = true;
    for (const id of [...this.#streams.keys()]) if (id > lastStream) this.#end(id, 'refused by GOAWAY');
  }

  #lose(reason: string) {
    for (const id of [...this.#streams.keys()]) this.#end(id, reason);
  }
}
