import { Http2ErrorCode } from '../error-code.ts';
import type { RequestHeaders } from '../headers/request-headers.ts';
import type { StreamHandler } from './stream-handler.ts';
import type { StreamHost } from './stream-host.ts';
import type { StreamState } from './stream-state.ts';

const LEAST_HELD_BYTES = 1024;

/** The stream that a body belongs to. */
interface BodyStream {
  readonly id: number;
  readonly headers: RequestHeaders;
  readonly handler: StreamHandler;
  readonly state: StreamState;
}

/** The receiving direction of a stream: its window, its announced length, and the bytes held while it is paused. */
export class RequestBody {
  /** Milliseconds of the clock by which the request must be complete. */
  deadline = Number.POSITIVE_INFINITY;
  readonly #stream: BodyStream;
  readonly #host: StreamHost;
  #window: number;
  #received = 0;
  /** Consumed bytes not yet returned to the peer as window. */
  #uncredited = 0;
  #paused = false;
  /** One buffer, not a list of chunks, because a frame may have a single byte. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  #endHeld = false;

  constructor(stream: BodyStream, host: StreamHost) {
    this.#stream = stream;
    this.#host = host;
    this.#window = host.streamWindowBytes;
  }

  /** Counts a frame against the window and Content-Length. */
  check(dataBytes: number, frameBytes: number, endStream: boolean): Http2ErrorCode {
    this.#window -= frameBytes;
    if (this.#window < 0) return Http2ErrorCode.FLOW_CONTROL_ERROR;
    this.#received += dataBytes;
    const { contentLength } = this.#stream.headers;
    if (contentLength < 0) return Http2ErrorCode.NO_ERROR;
    const fits = endStream ? this.#received === contentLength : this.#received <= contentLength;
    return fits ? Http2ErrorCode.NO_ERROR : Http2ErrorCode.PROTOCOL_ERROR;
  }

  receive(data: Buffer, frameBytes: number, endStream: boolean): void {
    if (this.#paused) {
      this.#hold(data);
      this.#consume(frameBytes - data.length, endStream);
    } else {
      if (data.length > 0) this.#stream.handler.data(data);
      this.#consume(frameBytes, endStream);
    }
    if (endStream) this.receiveEnd();
  }

  receiveEnd(): void {
    if (this.#paused) this.#endHeld = true;
    else if (this.#stream.state !== 'closed') this.#stream.handler.end();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#held !== undefined) {
      const data = this.#held.subarray(0, this.#heldBytes);
      this.#held = undefined;
      this.#heldBytes = 0;
      this.#stream.handler.data(data);
      this.#consume(data.length, this.#endHeld);
    }
    if (this.#paused || !this.#endHeld) return;
    this.#endHeld = false;
    this.receiveEnd();
  }

  /** The stream is closed: discards held bytes and returns them to the connection's window. */
  drop(): void {
    if (this.#heldBytes > 0) this.#host.consumed(this.#heldBytes);
    this.#held = undefined;
    this.#heldBytes = 0;
    this.#endHeld = false;
  }

  /** Copies the bytes, because a view would keep its whole socket read in memory. */
  #hold(data: Buffer): void {
    if (data.length === 0) return;
    const needed = this.#heldBytes + data.length;
    if (this.#held === undefined || this.#held.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#heldBytes, LEAST_HELD_BYTES));
      this.#held?.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    data.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
  }

  #consume(bytes: number, last: boolean): void {
    this.#host.consumed(bytes);
    if (last || this.#stream.state === 'closed') return;
    this.#uncredited += bytes;
    if (this.#uncredited < this.#host.streamWindowBytes / 2) return;
    this.#host.output.windowUpdate(this.#stream.id, this.#uncredited);
    this.#window += this.#uncredited;
    this.#uncredited = 0;
  }
}
