import { FRAME_HEAD_BYTES, readUint31 } from './frame.ts';

export interface FrameSink {
  /** Called with a whole frame; bytes[start, end) is its payload and does not change. Returns false to stop reading. */
  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean;
  /** A frame announces more than the maximum payload. Nothing more is read. */
  frameTooLarge(type: number, streamId: number): void;
}

/** Finds frames in the chunks of a socket, wherever the chunks are cut. Copies only frames that are cut. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxPayload: number;
  /** The incomplete frame: its header until that is complete, then the whole frame. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  #stopped = false;

  constructor(sink: FrameSink, maxPayload: number) {
    this.#sink = sink;
    this.#maxPayload = maxPayload;
  }

  /** Whether a frame is incomplete. */
  get partial(): boolean {
    return this.#partialBytes > 0;
  }

  push(chunk: Buffer, from: number): void {
    let at = this.#partial === undefined ? from : this.#complete(this.#partial, chunk, from);
    while (!this.#stopped && chunk.length - at >= FRAME_HEAD_BYTES) {
      const end = this.#endOfFrame(chunk, at);
      if (end < 0 || end > chunk.length) break;
      this.#deliver(chunk, at, end);
      at = end;
    }
    if (!this.#stopped && at < chunk.length) this.#keep(chunk, at);
  }

  /** The end of the frame that begins at `at`; -1 if it is too large. */
  #endOfFrame(bytes: Buffer, at: number): number {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length <= this.#maxPayload) return at + FRAME_HEAD_BYTES + length;
    this.#stopped = true;
    this.#sink.frameTooLarge(bytes[at + 3] ?? 0, readUint31(bytes, at + 5));
    return -1;
  }

  #deliver(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    if (!this.#sink.frame(type, flags, readUint31(bytes, at + 5), bytes, at + FRAME_HEAD_BYTES, end)) {
      this.#stopped = true;
      this.#drop();
    }
  }

  #keep(chunk: Buffer, at: number): void {
    const bytes = chunk.length - at;
    const end = bytes < FRAME_HEAD_BYTES ? at + FRAME_HEAD_BYTES : this.#endOfFrame(chunk, at);
    if (end < 0) return;
    this.#partial = Buffer.allocUnsafeSlow(end - at);
    this.#partialBytes = chunk.copy(this.#partial, 0, at);
  }

  /** Extends the incomplete frame. Returns where in the chunk the next frame begins. */
  #complete(partial: Buffer, chunk: Buffer, from: number): number {
    let whole = partial;
    let at = from + this.#add(whole, chunk, from);
    if (this.#partialBytes === FRAME_HEAD_BYTES && whole.length === FRAME_HEAD_BYTES) {
      const length = this.#endOfFrame(whole, 0);
      if (length < 0) return chunk.length;
      if (length > FRAME_HEAD_BYTES) {
        whole = Buffer.allocUnsafeSlow(length);
        partial.copy(whole);
        this.#partial = whole;
        at += this.#add(whole, chunk, at);
      }
    }
    if (this.#partialBytes < whole.length) return at;
    this.#drop();
    // A header that announces no payload is a whole frame.
    this.#deliver(whole, 0, whole.length);
    return at;
  }

  #add(partial: Buffer, chunk: Buffer, from: number): number {
    const more = chunk.copy(partial, this.#partialBytes, from, from + partial.length - this.#partialBytes);
    this.#partialBytes += more;
    return more;
  }

  #drop(): void {
    this.#partial = undefined;
    this.#partialBytes = 0;
  }
}
