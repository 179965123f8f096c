import { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_FRAME_BYTES, MAX_WINDOW_BYTES } from '../frames/frame.ts';
import type { RequestHeaders } from '../headers/request-headers.ts';
import { RequestBody } from './request-body.ts';
import { SendQueue } from './send-queue.ts';
import type { StreamHandler } from './stream-handler.ts';
import type { HostedStream, StreamHost } from './stream-host.ts';
import { nextState, type StreamState } from './stream-state.ts';

/** How far a response has come. */
type Response = 'none' | 'headers-sent' | 'ending' | 'ended';

/**
 * One request and its response. Header blocks are as `encodeHeaders` makes them. Nothing throws or is sent once the
 * stream is closed, so that an answer may always be given.
 */
export class Http2Stream implements HostedStream {
  readonly id: number;
  readonly headers: RequestHeaders;
  handler: StreamHandler = NO_HANDLER;
  /** Whether the peer has sent all of its request. */
  requestEnded = false;
  readonly #host: StreamHost;
  #state: StreamState = 'open';
  #response: Response = 'none';
  /** What the peer lets this stream send; negative after a setting that shrank it (RFC 9113, 6.9.2). */
  #sendWindow: number;
  #queue: SendQueue | undefined;
  #trailers: Uint8Array | undefined;
  /** Milliseconds of the clock: since when the peer has given no room for what is to be sent. */
  #stalledSince = Number.POSITIVE_INFINITY;
  /** Undefined as long as nothing of the body has come, and for good if all of it comes in one frame. */
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

  /** Whether an answer, or more of it, can reach the peer. */
  get writable(): boolean {
    return this.#state !== 'closed' && this.#response !== 'ending' && this.#response !== 'ended';
  }

  get headersSent(): boolean {
    return this.#response !== 'none';
  }

  /** The whole response: headers, a body, and trailers if there are any. One call costs one copy of each. */
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

  /** Sends a part of the body after `respond`. False: wait for the handler's `drain`, or the bytes queue up here. */
  write(bytes: Uint8Array): boolean {
    if (this.#response !== 'headers-sent' || this.#state === 'closed') return false;
    const queue = this.#queue;
    const sent = queue === undefined || queue.bytes === 0 ? this.#send(bytes, 0) : 0;
    if (sent < bytes.length) this.#enqueue(sent === 0 ? bytes : bytes.subarray(sent));
    else {
      // Nothing is left to send: a quiet stream waits for its handler and not for its peer.
      this.#stalledSince = Number.POSITIVE_INFINITY;
      if (!this.#host.output.congested) return true;
    }
    this.#host.waitForRoom(this);
    return false;
  }

  /** Ends the response after what was written, with trailers if there are any. */
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

  /** Delivers no more data until `resume`; the peer may send what is left of the window. */
  pause(): void {
    this.#requireBody().pause();
  }

  resume(): void {
    this.#body?.resume();
  }

  /** Resets the stream with CANCEL unless the request is complete so many milliseconds from now. */
  limitBody(milliseconds: number): void {
    this.#requireBody().deadline = this.#host.clock.now + milliseconds;
  }

  /** For the connection: a DATA frame of `frameBytes` with padding. Returns the error that it is, or NO_ERROR. */
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

  /** For the connection: the peer allows so many bytes more, or fewer. False: more than a window may have. */
  widen(bytes: number): boolean {
    this.#sendWindow += bytes;
    return this.#sendWindow <= MAX_WINDOW_BYTES;
  }

  /** For the connection: sends what waits, as far as there is room. True: the stream waits no more. */
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

  /** For the connection's supervision. */
  isLate(now: number, stalledMs: number): boolean {
    return (
      now - this.#stalledSince > stalledMs ||
      (this.#state === 'open' && this.#body !== undefined && now > this.#body.deadline)
    );
  }

  /** For the connection: the stream is over, by either side. Nothing is sent. */
  closed(code: Http2ErrorCode): void {
    if (this.#state === 'closed') return;
    const event = code === Http2ErrorCode.NO_ERROR && this.#response === 'ended' ? 'response-ended' : 'reset';
    this.#state = nextState(this.#state, event);
    this.#body?.drop();
    this.#queue = undefined;
    this.#host.over(this, code);
  }

  /** The request body is one frame, as those of nearly all requests: less than any window. */
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

  /** The state is another after a call of the handler, which the compiler does not see. */
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
