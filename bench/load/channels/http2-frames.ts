import { Flag, FRAME_HEAD_BYTES, FrameType, writeUint32 } from '../../../edge/http2/frames/frame.ts';

const SLAB_BYTES = 1 << 18;

/** A whole frame in a new buffer. */
export function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEAD_BYTES);
  writeHeader(header, 0, { length: payload.length, type, flags, id });
  return Buffer.concat([header, payload]);
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  for (const [at, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, 6 * at);
    payload.writeUInt32BE(value, 6 * at + 2);
  }
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export function windowUpdateFrame(id: number, increment: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment);
  return frame(FrameType.WINDOW_UPDATE, 0, id, payload);
}

/** The payload of a DATA or HEADERS frame without its padding. */
export function unpad(payload: Buffer, flags: number): Buffer {
  if (!(flags & Flag.PADDED)) return payload;
  return payload.subarray(1, payload.length - (payload[0] ?? 0));
}

interface FrameHeader {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly id: number;
}

function writeHeader(to: Buffer, at: number, { length, type, flags, id }: FrameHeader) {
  to[at] = length >>> 16;
  to[at + 1] = length >>> 8;
  to[at + 2] = length;
  to[at + 3] = type;
  to[at + 4] = flags;
  writeUint32(to, at + 5, id);
}

/** Collects frames and writes those of one event loop turn at once, like HTTP/2 clients. */
export class FrameWriter {
  readonly #write: (bytes: Buffer) => void;
  #slab = Buffer.allocUnsafe(SLAB_BYTES);
  #start = 0;
  #end = 0;
  #flushing = false;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** Begins a frame, after which `length` bytes of payload must be appended. */
  begin(header: FrameHeader) {
    this.#reserve(FRAME_HEAD_BYTES);
    writeHeader(this.#slab, this.#end, header);
    this.#end += FRAME_HEAD_BYTES;
    this.#flushLater();
  }

  append(bytes: Buffer) {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#flushLater();
  }

  #reserve(length: number) {
    if (this.#end + length <= this.#slab.length) return;
    this.#flush();
    this.#slab = Buffer.allocUnsafe(Math.max(SLAB_BYTES, length));
    this.#start = 0;
    this.#end = 0;
  }

  #flushLater() {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush() {
    if (this.#end === this.#start) return;
    this.#write(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
