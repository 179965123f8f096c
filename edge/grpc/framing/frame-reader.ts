import { Code } from '@connectrpc/connect';
import { FRAME_PREFIX_BYTES } from './frame.ts';
import { gunzip, type MessageEncoding } from './message-encoding.ts';
import type { GrpcStatus } from './status.ts';

/** Receives the messages that a FrameReader finds. */
export interface FrameSink {
  /** Called with a whole message, decompressed; its memory is not reused. Returns false to stop reading. */
  message(message: Buffer): boolean;
  /** The input is not an acceptable message. Nothing more is read. */
  badMessage(status: GrpcStatus): void;
}

/**
 * Finds gRPC messages in the chunks of a stream, wherever the chunks are cut.
 *
 * A message within one chunk is passed on without a copy. Others are collected in a buffer that grows with the bytes
 * that have arrived, never with the announced length: five bytes must not allocate a megabyte.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxBytes: number;
  readonly #encoding: MessageEncoding;
  #pending: Buffer | undefined;
  #pendingBytes = 0;
  #stopped = false;

  constructor(sink: FrameSink, maxBytes: number, encoding: MessageEncoding) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#encoding = encoding;
  }

  /** Whether a message is incomplete. */
  get partial(): boolean {
    return this.#pendingBytes > 0;
  }

  push(chunk: Buffer): void {
    let at = this.#pendingBytes === 0 ? 0 : this.#complete(chunk);
    while (chunk.length - at >= FRAME_PREFIX_BYTES && !this.#stopped) {
      const length = this.#lengthAt(chunk, at);
      const start = at + FRAME_PREFIX_BYTES;
      if (length < 0 || chunk.length - start < length) break;
      this.#deliver(chunk[at] === 1, chunk.subarray(start, start + length));
      at = start + length;
    }
    if (at < chunk.length && !this.#stopped) this.#keep(at === 0 ? chunk : chunk.subarray(at));
  }

  /** The length that the prefix announces; -1 if it was rejected. */
  #lengthAt(bytes: Buffer, at: number): number {
    const flags = bytes[at] ?? 0;
    const length = bytes.readUInt32BE(at + 1);
    if (flags <= 1 && length <= this.#maxBytes) return length;
    this.#pending = undefined;
    this.#pendingBytes = 0;
    if (flags > 1) this.#fail(Code.Internal, 'Unknown flags in a message prefix');
    else this.#fail(Code.ResourceExhausted, `A message must have at most ${this.#maxBytes} bytes; got ${length}`);
    return -1;
  }

  #deliver(compressed: boolean, message: Buffer): void {
    const plain = compressed ? this.#decompress(message) : message;
    if (plain !== undefined && !this.#sink.message(plain)) this.#stopped = true;
  }

  #decompress(message: Buffer): Buffer | undefined {
    if (this.#encoding === 'identity') {
      return this.#fail(Code.Internal, 'Compressed message without grpc-encoding');
    }
    const inflated = gunzip(message, this.#maxBytes);
    if (inflated === 'malformed') return this.#fail(Code.InvalidArgument, 'Malformed gzip in a message');
    if (inflated !== 'too-large') return inflated;
    return this.#fail(Code.ResourceExhausted, `A message must have at most ${this.#maxBytes} bytes when decompressed`);
  }

  #fail(code: Code, message: string): undefined {
    this.#stopped = true;
    this.#sink.badMessage({ code, message });
  }

  /**
   * Completes the pending message from the chunk, as far as possible. Returns how many bytes of the chunk were used.
   */
  #complete(chunk: Buffer): number {
    let taken = 0;
    if (this.#pendingBytes < FRAME_PREFIX_BYTES) {
      taken = Math.min(chunk.length, FRAME_PREFIX_BYTES - this.#pendingBytes);
      this.#keep(chunk.subarray(0, taken));
    }
    const pending = this.#pending;
    if (pending === undefined || this.#pendingBytes < FRAME_PREFIX_BYTES) return taken;
    const length = this.#lengthAt(pending, 0);
    if (length < 0) return chunk.length;
    const missing = FRAME_PREFIX_BYTES + length - this.#pendingBytes;
    const more = Math.min(missing, chunk.length - taken);
    this.#keep(chunk.subarray(taken, taken + more));
    if (more === missing && this.#pending !== undefined) {
      const message = this.#pending.subarray(FRAME_PREFIX_BYTES, this.#pendingBytes);
      const compressed = this.#pending[0] === 1;
      this.#pending = undefined;
      this.#pendingBytes = 0;
      this.#deliver(compressed, message);
    }
    return taken + more;
  }

  #keep(bytes: Buffer): void {
    const needed = this.#pendingBytes + bytes.length;
    if (this.#pending === undefined || this.#pending.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, (this.#pending?.length ?? 0) * 2, 256));
      this.#pending?.copy(grown, 0, 0, this.#pendingBytes);
      this.#pending = grown;
    }
    bytes.copy(this.#pending, this.#pendingBytes);
    this.#pendingBytes = needed;
  }
}
