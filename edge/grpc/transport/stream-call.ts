import { Code } from '@connectrpc/connect';
import { Http2ErrorCode } from '../../http2/error-code.ts';
import type { RequestHeaders } from '../../http2/headers/request-headers.ts';
import type { HeaderPairs } from '../../http2/hpack/encode-headers.ts';
import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../../http2/stream/stream-handler.ts';
import { logRequestError } from '../../log-request-error.ts';
import { FrameReader, type FrameSink } from '../framing/frame-reader.ts';
import type { GrpcStatus } from '../framing/status.ts';
import { problemStatus } from '../problem-status.ts';
import type { CallContext } from './call-context.ts';
import { readCallStart } from './call-start.ts';
import type { Expiring } from './deadlines.ts';
import type { StreamMethod, StreamReceiver, StreamResponder } from './method.ts';
import { failureTrailers, okTrailers, respondStatus, responseHead } from './response.ts';

/** One call of a StreamMethod: passes messages on as they arrive, and writes the method's answers. */
export class StreamCall implements Expiring, FrameSink, StreamHandler, StreamResponder {
  responseHeaders: HeaderPairs | undefined;
  responseTrailers: HeaderPairs | undefined;
  deadline: number;
  place = -1;
  readonly #stream: Http2Stream;
  readonly #context: CallContext<StreamMethod>;
  readonly #onClose: (call: StreamCall) => void;
  readonly #reader: FrameReader;
  readonly #callerDeadline: number;
  readonly #startedAt: number;
  readonly #receiver: StreamReceiver | undefined;
  /** Time at which the message in progress must be complete. */
  #receiveDeadline = Number.POSITIVE_INFINITY;
  /** True if the call was ended, by the method or from outside. */
  #finished = false;

  constructor(stream: Http2Stream, context: CallContext<StreamMethod>, onClose: (call: StreamCall) => void) {
    const { method, deadlines, explain } = context;
    this.#stream = stream;
    this.#context = context;
    this.#startedAt = context.meter.start();
    this.#onClose = onClose;
    const start = readCallStart(stream.headers);
    this.#reader = new FrameReader(this, method.maxBytes, start.encoding);
    this.#callerDeadline = performance.now() + start.timeoutMs;
    this.deadline = this.#callerDeadline;
    deadlines.add(this);
    if (start.failure !== undefined) this.fail(explain(start.failure));
    else this.#receiver = method.open(this);
  }

  get headers(): RequestHeaders {
    return this.#stream.headers;
  }

  get peer(): string {
    return this.#stream.remoteAddress;
  }

  header(name: string): string | undefined {
    return this.#stream.headers.get(name);
  }

  data(chunk: Buffer): void {
    const receiver = this.#receiver;
    if (this.#finished || receiver === undefined) return;
    try {
      this.#reader.push(chunk);
      if (!this.#isFinished()) receiver.flush();
    } catch (error) {
      // A bug in one stream must not end the process with all others.
      receiver.cancel();
      this.fail(problemStatus(logRequestError(error, this, 'RPC failed')));
    }
    if (!this.#reader.partial) this.#receiveDeadline = Number.POSITIVE_INFINITY;
    else if (this.#receiveDeadline === Number.POSITIVE_INFINITY) {
      this.#receiveDeadline = this.#context.deadlines.now + this.#context.limits.receiveTimeoutMs;
    }
    if (!this.#isFinished()) this.deadline = Math.min(this.#callerDeadline, this.#receiveDeadline);
  }

  end(): void {
    if (this.#finished) return;
    this.#receiveDeadline = Number.POSITIVE_INFINITY;
    this.deadline = this.#callerDeadline;
    if (this.#reader.partial) {
      this.badMessage({ code: Code.InvalidArgument, message: 'The request ends in the middle of a message' });
      return;
    }
    this.#receiver?.end();
  }

  drain(): void {
    if (!this.#finished) this.#receiver?.drain();
  }

  close(): void {
    this.#context.deadlines.delete(this);
    this.#onClose(this);
    if (this.#finished) return;
    this.#finish(Code.Canceled);
    this.#receiver?.cancel();
  }

  write(framed: Uint8Array): boolean {
    if (this.#finished) return false;
    if (!this.#stream.headersSent) this.#stream.respond(responseHead(this.responseHeaders));
    return this.#stream.write(framed);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#finished) this.#stream.resume();
  }

  finish(): void {
    this.#end(0, okTrailers(this.responseTrailers));
  }

  fail(status: GrpcStatus): void {
    if (this.#finished) return;
    // Headers that the method set need a separate block; otherwise one block holds headers and trailers.
    if (this.#stream.headersSent || this.responseHeaders !== undefined) {
      this.#end(status.code, failureTrailers(status, this.responseTrailers));
      return;
    }
    this.#finish(status.code);
    respondStatus(this.#stream, status, this.responseTrailers);
  }

  /** Called when the server stops. */
  stop(): void {
    if (!this.#finished) this.#receiver?.stop();
  }

  message(message: Buffer): boolean {
    if (this.#finished) return false;
    this.#receiver?.message(message);
    return !this.#isFinished();
  }

  badMessage(status: GrpcStatus): void {
    if (!this.#finished) this.#receiver?.refuse(this.#context.explain(status));
  }

  expire(): void {
    if (this.#finished) {
      this.#stream.reset(Http2ErrorCode.CANCEL);
      return;
    }
    this.#receiver?.cancel();
    const message =
      this.#callerDeadline <= this.deadline
        ? 'Deadline exceeded; the outcome of unacknowledged votes is unknown, and a retry is harmless'
        : `A message was not complete ${this.#context.limits.receiveTimeoutMs} ms after its first byte`;
    this.fail(this.#context.explain({ code: Code.DeadlineExceeded, message }));
  }

  #end(code: number, trailers: Uint8Array): void {
    if (this.#finished) return;
    this.#finish(code);
    this.deadline = this.#context.deadlines.now + this.#context.limits.lingerMs;
    if (!this.#stream.headersSent) this.#stream.respond(responseHead(this.responseHeaders));
    this.#stream.end(trailers);
  }

  #finish(code: number): void {
    this.#finished = true;
    this.#context.meter.end(code, this.#startedAt);
  }

  /** A getter, because a method may end the call during `message`, which the compiler's narrowing does not see. */
  #isFinished(): boolean {
    return this.#finished;
  }
}
