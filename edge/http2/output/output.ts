import type { ByteSocket } from '../byte-socket.ts';
import type { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_FRAME_BYTES, Flag, FRAME_HEAD_BYTES, FrameType, writeUint32 } from '../frames/frame.ts';
import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.ts';
import type { Flushable, FlushTurn } from './flush-turn.ts';

/** After this many full chunks, output is sent before the turn ends. */
const MAX_FULL_CHUNKS = 4;
/** Minimum room that is worth a separate DATA frame. */
const MIN_DATA_ROOM = 1024;

export interface OutputOptions {
  readonly socket: ByteSocket;
  readonly pool: ChunkPool;
  readonly turn: FlushTurn;
  readonly unsentBytes: number;
  /** Called when the peer has fallen behind by more than `unsentBytes`. */
  congested(): void;
}

/** Writes the frames of one connection, which are sent when the turn ends. Copies its input. */
export class Output implements Flushable {
  readonly #options: OutputOptions;
  #chunk: Buffer | undefined;
  #at = 0;
  #full: Buffer[] = [];
  #closed = false;
  /** True if the peer reads too slowly; no more DATA until `drained`. */
  congested = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /**
   * Writes HEADERS, one DATA frame and optional trailers; the last one ends the stream. Returns false if there is no
   * room.
   */
  answer(streamId: number, head: Uint8Array, body: Uint8Array, trailers: Uint8Array | undefined): boolean {
    const bytes = head.length + body.length + (trailers === undefined ? 0 : trailers.length + FRAME_HEAD_BYTES);
    if (bytes + 2 * FRAME_HEAD_BYTES > CHUNK_BYTES) return false;
    const chunk = this.#reserve(bytes + 2 * FRAME_HEAD_BYTES);
    this.#head(chunk, head.length, FrameType.HEADERS, Flag.END_HEADERS, streamId);
    this.#copy(chunk, head);
    this.#head(chunk, body.length, FrameType.DATA, trailers === undefined ? Flag.END_STREAM : 0, streamId);
    this.#copy(chunk, body);
    if (trailers !== undefined) {
      this.#head(chunk, trailers.length, FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, streamId);
      this.#copy(chunk, trailers);
    }
    return true;
  }

  headers(streamId: number, block: Uint8Array, endStream: boolean): void {
    const flags = endStream ? Flag.END_STREAM : 0;
    if (block.length <= DEFAULT_FRAME_BYTES) {
      this.#frame(FrameType.HEADERS, flags | Flag.END_HEADERS, streamId, block);
      return;
    }
    this.#frame(FrameType.HEADERS, flags, streamId, block.subarray(0, DEFAULT_FRAME_BYTES));
    for (let at = DEFAULT_FRAME_BYTES; at < block.length; at += DEFAULT_FRAME_BYTES) {
      const end = at + DEFAULT_FRAME_BYTES;
      const last = end >= block.length ? Flag.END_HEADERS : 0;
      this.#frame(FrameType.CONTINUATION, last, streamId, block.subarray(at, end));
    }
  }

  /** Writes as much of bytes[from, from + limit) as fits in one frame; returns the number of bytes. */
  data(streamId: number, bytes: Uint8Array, from: number, limit: number): number {
    const chunk = this.#reserve(FRAME_HEAD_BYTES + Math.min(limit, MIN_DATA_ROOM));
    const length = Math.min(limit, DEFAULT_FRAME_BYTES, chunk.length - this.#at - FRAME_HEAD_BYTES);
    this.#head(chunk, length, FrameType.DATA, 0, streamId);
    this.#copy(chunk, bytes.subarray(from, from + length));
    return length;
  }

  endStream(streamId: number): void {
    this.#frame(FrameType.DATA, Flag.END_STREAM, streamId, NOTHING);
  }

  resetStream(streamId: number, code: Http2ErrorCode): void {
    this.#number(FrameType.RST_STREAM, streamId, code);
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.#number(FrameType.WINDOW_UPDATE, streamId, bytes);
  }

  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    const payload = Buffer.alloc(pairs.length * 6);
    for (const [at, [id, value]] of pairs.entries()) {
      payload.writeUInt16BE(id, at * 6);
      payload.writeUInt32BE(value, at * 6 + 2);
    }
    this.#frame(FrameType.SETTINGS, 0, 0, payload);
  }

  settingsAck(): void {
    this.#frame(FrameType.SETTINGS, Flag.ACK, 0, NOTHING);
  }

  ping(payload: Uint8Array, ack: boolean): void {
    this.#frame(FrameType.PING, ack ? Flag.ACK : 0, 0, payload);
  }

  goAway(lastStreamId: number, code: Http2ErrorCode, reason: string): void {
    const text = Buffer.from(reason);
    const payload = Buffer.alloc(8 + text.length);
    payload.writeUInt32BE(lastStreamId, 0);
    payload.writeUInt32BE(code, 4);
    text.copy(payload, 8);
    this.#frame(FrameType.GOAWAY, 0, 0, payload);
  }

  flush(): void {
    const chunk = this.#chunk;
    if (chunk === undefined || this.#closed) return;
    const { socket, pool, unsentBytes } = this.#options;
    const written = chunk.subarray(0, this.#at);
    this.#chunk = undefined;
    if (this.#full.length === 0) {
      if (socket.write([written])) pool.give(chunk);
    } else {
      const chunks = this.#full;
      this.#full = [];
      chunks.push(written);
      socket.write(chunks);
    }
    if (this.congested || socket.unsentBytes <= unsentBytes) return;
    this.congested = true;
    this.#options.congested();
  }

  /** The socket has sent everything. */
  drained(): void {
    this.congested = false;
  }

  /** Nothing more can be sent. */
  close(): void {
    this.#closed = true;
    this.#full = [];
  }

  #number(type: number, streamId: number, value: number): void {
    const chunk = this.#reserve(FRAME_HEAD_BYTES + 4);
    this.#head(chunk, 4, type, 0, streamId);
    writeUint32(chunk, this.#at, value);
    this.#at += 4;
  }

  #frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const chunk = this.#reserve(FRAME_HEAD_BYTES + payload.length);
    this.#head(chunk, payload.length, type, flags, streamId);
    this.#copy(chunk, payload);
  }

  #reserve(bytes: number): Buffer {
    let chunk = this.#chunk;
    if (chunk !== undefined && chunk.length - this.#at >= bytes) return chunk;
    if (chunk === undefined) this.#options.turn.schedule(this);
    else if (this.#full.push(chunk.subarray(0, this.#at)) >= MAX_FULL_CHUNKS) this.#flushFull();
    chunk = this.#options.pool.take();
    this.#chunk = chunk;
    this.#at = 0;
    return chunk;
  }

  /** Sends full chunks before the turn ends; the scheduled flush sends the rest. */
  #flushFull(): void {
    const { socket, unsentBytes } = this.#options;
    const chunks = this.#full;
    this.#full = [];
    if (this.#closed) return;
    socket.write(chunks);
    if (this.congested || socket.unsentBytes <= unsentBytes) return;
    this.congested = true;
    this.#options.congested();
  }

  #head(chunk: Buffer, length: number, type: number, flags: number, streamId: number): void {
    const at = this.#at;
    chunk[at] = length >>> 16;
    chunk[at + 1] = length >>> 8;
    chunk[at + 2] = length;
    chunk[at + 3] = type;
    chunk[at + 4] = flags;
    writeUint32(chunk, at + 5, streamId);
    this.#at = at + FRAME_HEAD_BYTES;
  }

  #copy(chunk: Buffer, bytes: Uint8Array): void {
    const at = this.#at;
    const { length } = bytes;
    if (length > SHORT) chunk.set(bytes, at);
    else for (let i = 0; i < length; i++) chunk[at + i] = bytes[i] ?? 0;
    this.#at = at + length;
  }
}

const NOTHING = new Uint8Array(0);
/** Up to this length, a loop is faster than a call out of JavaScript. */
const SHORT = 48;
