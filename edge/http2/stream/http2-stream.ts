import { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_FRAME_BYTES, MAX_WINDOW_BYTES } from '../frames/frame.ts';
import type { RequestHeaders } from '../headers/request-headers.ts';
import { RequestBody } from './request-body.ts';
import { SendQueue } from './send-queue.ts';
import type { StreamHandler } from './stream-handler.ts';
import type { HostedStream, StreamHost } from './stream-host.ts';
import { nextState, type StreamState } from './stream-state.ts';

/** Progress of a response. */
type Response = 'none' | 'headers-sent' | 'ending' | 'ended';

/**
 * One request and its response. Header blocks come from `encodeHeaders`. Once the stream is closed, no method throws or
 * sends anything, so an answer may always be given.
 */
export class Http2Stream implements HostedStream {
  readonly id: number;
  readonly headers: RequestHeaders;
  handler: StreamHandler = NO_HANDLER;
  /** True once the request is complete. */
  requestEnded = false;
  readonly #host: StreamHost;
  #state: StreamState = 'open';
  #response: Response = 'none';
  /** Send window of the stream; negative after a setting that shrank it (RFC 9113, 6.9.2). */
  #sendWindow: number;
  #queue: SendQueue | undefined;
  #trailers: Uint8Array | undefined;
  /** Since when waiting output has had no room, in milliseconds of the clock. */
  #stalledSince = Number.POSITIVE_INFINITY;
  /** Undefined until a part of the body arrives; stays undefined if the body is a single frame. */
  #body: RequestBody | undefined;

  constructor(id: number, headers: RequestHeaders, host: StreamHost, sendWindow: number) {
    this.id = id;
    this.headers = headers;
    this.#host = host;
    this.#sendWindow = sendWindow;
  }

  /** Empty if unknown. */
  get remoteAddress(): string {
    return this.#host.remoteAddress;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Whether an answer, or more of it, can still be sent. */
  get writable(): boolean {
    return this.#state !== 'closed' && this.#response !== 'ending' && this.#response !== 'ended';
  }

  get headersSent(): boolean {
    return this.#response !== 'none';
  }

  /** Sends the whole response: headers, body and optional trailers. Copies each once. */
  answer(head: Uint8Array, body: Uint8Array, trailers?: Uint8Array): void {
    if (this.#state === 'closed' || this.#response !== 'none') return;
    const { length } = body;
    const host = this.#host;
    const { output } = host;
    const fits =
      length > 0 &&
      length <= this.#sendWindow &&
      length <= host.sendWindow &&
      length <= DEFAULT_FRAME_BYTES &&
      !output.congested;
    if (fits && output.answer(this.id, host.block(head), body, trailers)) {
      this.#sendWindow -= length;
      host.sendWindow -= length;
      host.dataSent(1);
      this.#ended();
      return;
    }
    if (length === 0 && trailers === undefined) {
      this.respond(head, true);
      return;
    }
    this.respond(head);
    this.write(body);
    this.end(trailers);
  }

  respond(head: Uint8Array, endStream = false): void {
    if (this.#state === 'closed' || this.#response !== 'none') return;
    this.#response = 'headers-sent';
    this.#host.output.headers(this.id, this.#host.block(head), endStream);
    if (endStream) this.#ended();
  }

  /**
   * Sends a part of the body after `respond`. If it returns false, wait for the handler's `drain`; else bytes queue up.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#response !== 'headers-sent' || this.#state === 'closed') return false;
    const queue = this.#queue;
    const sent = queue === undefined || queue.bytes === 0 ? this.#send(bytes, 0) : 0;
    if (sent < bytes.length) this.#enqueue(sent === 0 ? bytes : bytes.subarray(sent));
    else {
      // Nothing is left to send, so the stream waits for its handler and not for its peer.
      this.#stalledSince = Number.POSITIVE_INFINITY;
      if (!this.#host.output.congested) return true;
    }
    this.#host.waitForRoom(this);
    return false;
  }

  /** Ends the response after everything written, with optional trailers. */
  end(trailers?: Uint8Array): void {
    if (this.#response !== 'headers-sent' || this.#state === 'closed') return;
    this.#response = 'ending';
    this.#trailers = trailers;
    if (this.#queue === undefined || this.#queue.bytes === 0) this.#sendEnd();
  }

  /** Ends the stream at once, in both directions. */
  reset(code: Http2ErrorCode): void {
    if (this.#state === 'closed') return;
    this.#host.output.resetStream(this.id, code);
    this.closed(code);
  }

  /** What serves the stream threw: the server's `onError` answers it. */
  fail(error: unknown): void {
    this.#host.failed(error, this);
  }

  /** Delivers no more data until `resume`; the peer may still use the rest of the window. */
  pause(): void {
    this.#requireBody().pause();
  }

  resume(): void {
    this.#body?.resume();
  }

  /** Resets the stream with CANCEL unless the request is complete within this time. */
  limitBody(milliseconds: number): void {
    this.#requireBody().deadline = this.#host.clock.now + milliseconds;
  }

  /** For the connection: handles a DATA frame of `frameBytes`, padding included. Returns an error code or NO_ERROR. */
  receiveData(data: Buffer, frameBytes: number, endStream: boolean): Http2ErrorCode {
    if (this.#state !== 'open') return Http2ErrorCode.STREAM_CLOSED;
    if (endStream && this.#body === undefined) return this.#receiveWhole(data, frameBytes);
    const body = this.#requireBody();
    const error = body.check(data.length, frameBytes, endStream);
    if (error !== Http2ErrorCode.NO_ERROR) return error;
    if (endStream) this.#requestEnds();
    body.receive(data, frameBytes, endStream);
    return Http2ErrorCode.NO_ERROR;
  }

  /** For the connection: the request ends with its headers or with trailers. */
  receiveEnd(): Http2ErrorCode {
    if (this.#state !== 'open') return Http2ErrorCode.STREAM_CLOSED;
    const body = this.#requireBody();
    const error = body.check(0, 0, true);
    if (error !== Http2ErrorCode.NO_ERROR) return error;
    this.#requestEnds();
    body.receiveEnd();
    return Http2ErrorCode.NO_ERROR;
  }

  /** For the connection: changes the send window. Returns false if it exceeds the maximum. */
  widen(bytes: number): boolean {
    this.#sendWindow += bytes;
    return this.#sendWindow <= MAX_WINDOW_BYTES;
  }

  /** For the connection: sends waiting bytes as far as there is room. Returns true if none are left. */
  resumeSending(): boolean {
    if (this.#state === 'closed') return true;
    const { output } = this.#host;
    const queue = this.#queue;
    if (queue !== undefined && queue.bytes > 0) {
      queue.drain((part, from) => this.#send(part, from));
      if (queue.bytes > 0) return false;
      this.#stalledSince = Number.POSITIVE_INFINITY;
      if (this.#response === 'ending') {
        this.#sendEnd();
        return true;
      }
    }
    if (output.congested) return false;
    this.handler.drain();
    return true;
  }

  /** For the connection: whether a time limit has passed. */
  isLate(now: number, stalledMs: number): boolean {
    return (
      now - this.#stalledSince > stalledMs ||
      (this.#state === 'open' && this.#body !== undefined && now > this.#body.deadline)
    );
  }

  /** For the connection: the stream was ended by either side. Nothing is sent. */
  closed(code: Http2ErrorCode): void {
    if (this.#state === 'closed') return;
    const event = code === Http2ErrorCode.NO_ERROR && this.#response === 'ended' ? 'response-ended' : 'reset';
    this.#state = nextState(this.#state, event);
    this.#body?.drop();
    this.#queue = undefined;
    this.#host.over(this, code);
  }

  /** Handles a request body in a single frame, as in nearly all requests; it is smaller than any window. */
  #receiveWhole(data: Buffer, frameBytes: number): Http2ErrorCode {
    const { contentLength } = this.headers;
    if (contentLength >= 0 && contentLength !== data.length) return Http2ErrorCode.PROTOCOL_ERROR;
    this.#requestEnds();
    if (data.length > 0) this.handler.data(data);
    this.#host.consumed(frameBytes);
    if (this.#body !== undefined) this.#body.receiveEnd();
    else if (!this.#isClosed()) this.handler.end();
    return Http2ErrorCode.NO_ERROR;
  }

  #requireBody(): RequestBody {
    this.#body ??= new RequestBody(this, this.#host);
    return this.#body;
  }

  /** A method, because the handler may change the state during a call, which the compiler's narrowing does not see. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #requestEnds(): void {
    this.requestEnded = true;
    this.#state = nextState(this.#state, 'request-ended');
  }

  #send(bytes: Uint8Array, from: number): number {
    const host = this.#host;
    const { output } = host;
    let at = from;
    while (at < bytes.length && !output.congested) {
      const limit = Math.min(bytes.length - at, this.#sendWindow, host.sendWindow);
      if (limit <= 0) break;
      const sent = output.data(this.id, bytes, at, limit);
      this.#sendWindow -= sent;
      host.sendWindow -= sent;
      host.dataSent(1);
      at += sent;
    }
    if (at > from) this.#stalledSince = host.clock.now;
    return at - from;
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue ??= new SendQueue();
    this.#queue.push(bytes);
    if (this.#stalledSince === Number.POSITIVE_INFINITY) this.#stalledSince = this.#host.clock.now;
  }

  #sendEnd(): void {
    const { output } = this.#host;
    if (this.#trailers === undefined) output.endStream(this.id);
    else output.headers(this.id, this.#host.block(this.#trailers), true);
    this.#ended();
  }

  /** Called once END_STREAM was sent. */
  #ended(): void {
    this.#response = 'ended';
    if (this.#state === 'open') this.#host.stopRequest(this.id);
    this.closed(Http2ErrorCode.NO_ERROR);
  }
}

const ignore = () => undefined;
const NO_HANDLER: StreamHandler = { data: ignore, end: ignore, drain: ignore, close: ignore };
