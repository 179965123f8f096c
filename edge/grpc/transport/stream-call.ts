import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { FrameReader, type FrameSink } from '../framing/frame-reader.ts';
import { type GrpcStatus, statusTrailers } from '../framing/status.ts';
import type { CallContext, Explain } from './call-context.ts';
import type { CallLimits } from './call-limits.ts';
import { readCallStart } from './call-start.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import type { StreamMethod, StreamReceiver, StreamResponder } from './method.ts';
import { endRequest, isOpen, OK_TRAILERS, RESPONSE_HEADERS, respondStatus, WITH_TRAILERS } from './response.ts';

/** One call of a StreamMethod: passes messages on as they arrive, and writes what the method answers. */
export class StreamCall implements Expiring, FrameSink, StreamResponder {
  readonly headers: IncomingHttpHeaders;
  responseHeaders: OutgoingHttpHeaders | undefined;
  responseTrailers: OutgoingHttpHeaders | undefined;
  deadline: number;
  readonly #stream: ServerHttp2Stream;
  readonly #deadlines: Deadlines;
  readonly #limits: CallLimits;
  readonly #explain: Explain;
  readonly #reader: FrameReader;
  readonly #callerDeadline: number;
  readonly #receiver: StreamReceiver | undefined;
  /** When the message in progress must be complete. */
  #receiveDeadline = Number.POSITIVE_INFINITY;
  #finished = false;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { method, deadlines, limits, explain }: CallContext<StreamMethod>,
  ) {
    this.headers = headers;
    this.#stream = stream;
    this.#deadlines = deadlines;
    this.#limits = limits;
    this.#explain = explain;
    const start = readCallStart(headers);
    this.#reader = new FrameReader(this, method.maxBytes, start.encoding);
    this.#callerDeadline = performance.now() + start.timeoutMs;
    this.deadline = this.#callerDeadline;
    deadlines.add(this);
    stream.on('error', () => this.#leave());
    if (start.failure !== undefined) {
      this.fail(explain(start.failure));
      return;
    }
    const receiver = method.open(this);
    this.#receiver = receiver;
    stream.on('data', (chunk: Buffer) => this.#read(receiver, chunk));
    stream.on('end', () => this.#end(receiver));
    stream.on('drain', () => receiver.drain());
    stream.on('close', () => {
      this.#leave();
      if (!this.#finished) receiver.cancel();
      this.#finished = true;
    });
  }

  get peer(): string {
    return this.#stream.session?.socket.remoteAddress ?? '';
  }

  header(name: string): string | undefined {
    return this.headers[name] as string | undefined;
  }

  get over(): boolean {
    return !isOpen(this.#stream);
  }

  write(framed: Uint8Array): boolean {
    if (this.#finished || this.over) return false;
    if (!this.#stream.headersSent) this.#respond();
    return this.#stream.write(framed);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#finished) this.#stream.resume();
  }

  finish(): void {
    this.#close({ ...OK_TRAILERS, ...this.responseTrailers });
  }

  fail(status: GrpcStatus): void {
    if (this.#finished) return;
    // The method's own headers must be apart from trailers; without them one block holds both.
    if (this.#stream.headersSent || this.responseHeaders !== undefined) {
      this.#close({ ...this.responseTrailers, ...statusTrailers(status) });
      return;
    }
    this.#finished = true;
    this.#leave();
    respondStatus(this.#stream, status, this.responseTrailers);
  }

  /** The server stops. */
  stop(): void {
    if (!this.#finished) this.#receiver?.stop();
  }

  message(message: Buffer): boolean {
    if (this.#finished) return false;
    this.#receiver?.message(message);
    return !this.#finished;
  }

  badMessage(status: GrpcStatus): void {
    if (!this.#finished) this.#receiver?.refuse(this.#explain(status));
  }

  expire(): void {
    if (this.#finished) {
      this.#leave();
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    this.#receiver?.cancel();
    const message =
      this.#callerDeadline <= this.deadline
        ? 'Deadline exceeded; the outcome of unacknowledged votes is unknown, and a retry is harmless'
        : `A message was not complete ${this.#limits.receiveTimeoutMs} ms after its first byte`;
    this.fail(this.#explain({ code: Code.DeadlineExceeded, message }));
  }

  gone(): void {
    // The stream's `close` event has notified the receiver.
  }

  #read(receiver: StreamReceiver, chunk: Buffer): void {
    if (this.#finished) return;
    try {
      this.#reader.push(chunk);
      if (!this.#finished) receiver.flush();
    } catch (error) {
      // A bug in one stream must not end the process with all others.
      console.error('RPC failed', error);
      receiver.cancel();
      this.fail({ code: Code.Internal, message: 'Internal error' });
    }
    if (!this.#reader.partial) this.#receiveDeadline = Number.POSITIVE_INFINITY;
    else if (this.#receiveDeadline === Number.POSITIVE_INFINITY) {
      this.#receiveDeadline = this.#deadlines.now + this.#limits.receiveTimeoutMs;
    }
    if (!this.#finished) this.deadline = Math.min(this.#callerDeadline, this.#receiveDeadline);
  }

  #end(receiver: StreamReceiver): void {
    // A reset ends the readable side too; `over` tells it apart.
    if (this.#finished || this.over) return;
    this.#receiveDeadline = Number.POSITIVE_INFINITY;
    this.deadline = this.#callerDeadline;
    if (this.#reader.partial) {
      this.badMessage({ code: Code.InvalidArgument, message: 'The request ends in the middle of a message' });
      return;
    }
    receiver.end();
  }

  #respond(): void {
    this.#stream.respond({ ...RESPONSE_HEADERS, ...this.responseHeaders }, WITH_TRAILERS);
  }

  #close(trailers: OutgoingHttpHeaders): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.over) return;
    this.deadline = this.#deadlines.now + this.#limits.lingerMs;
    const stream = this.#stream;
    stream.on('wantTrailers', () => {
      this.#leave();
      stream.sendTrailers(trailers);
      // The trailers go out in the next turn of the event loop; only then may the caller's side be closed.
      if (!stream.readableEnded) setImmediate(() => endRequest(stream));
    });
    if (!stream.headersSent) this.#respond();
    stream.end();
  }

  #leave(): void {
    this.#deadlines.delete(this);
  }
}
