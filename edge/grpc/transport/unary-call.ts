import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { FRAME_PREFIX_BYTES } from '../framing/frame.ts';
import { FrameReader, type FrameSink } from '../framing/frame-reader.ts';
import type { MessageEncoding } from '../framing/message-encoding.ts';
import type { GrpcStatus } from '../framing/status.ts';
import type { CallContext } from './call-context.ts';
import { readCallStart } from './call-start.ts';
import type { Expiring } from './deadlines.ts';
import type { UnaryMethod, UnaryResponder } from './method.ts';
import { isOpen, OK_TRAILERS, RESPONSE_HEADERS, respondStatus, WITH_TRAILERS } from './response.ts';

/**
 * The call of a stream. Node keeps a stream's JavaScript side until the next full garbage collection, long after it was
 * answered. With listeners that all calls share, and this property cleared at the end, it retains no call.
 */
const CALL = Symbol('call');

type CallStream = ServerHttp2Stream & { [CALL]?: UnaryCall | undefined };

/** One call of a UnaryMethod: reads the request from its stream and writes the answer to it. */
export class UnaryCall implements Expiring, FrameSink, UnaryResponder {
  readonly headers: IncomingHttpHeaders;
  responseHeaders: OutgoingHttpHeaders | undefined;
  responseTrailers: OutgoingHttpHeaders | undefined;
  deadline: number;
  readonly #stream: CallStream;
  readonly #context: CallContext<UnaryMethod>;
  readonly #encoding: MessageEncoding;
  #reader: FrameReader | undefined;
  /** The caller's own deadline. */
  readonly #callerDeadline: number;
  #message: Buffer | undefined;
  /** `reading` until the request is complete, `handling` until it is answered, `answered` until the stream is gone. */
  #state: 'reading' | 'handling' | 'answered' = 'reading';

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, context: CallContext<UnaryMethod>) {
    this.headers = headers;
    this.#stream = stream;
    this.#context = context;
    const start = readCallStart(headers);
    this.#encoding = start.encoding;
    this.#callerDeadline =
      start.timeoutMs === Number.POSITIVE_INFINITY ? start.timeoutMs : performance.now() + start.timeoutMs;
    const { deadlines, limits } = context;
    this.deadline = Math.min(deadlines.now + limits.receiveTimeoutMs, this.#callerDeadline);
    deadlines.add(this);
    this.#stream[CALL] = this;
    // Without a listener a stream error, such as a reset by the caller, would end the process.
    stream.on('error', UnaryCall.#onError);
    if (start.failure !== undefined) {
      this.badMessage(start.failure);
      return;
    }
    stream.on('data', UnaryCall.#onData);
    stream.on('end', UnaryCall.#onEnd);
  }

  static readonly #onError = function (this: CallStream) {
    const call = this[CALL];
    if (call !== undefined) call.#leave();
  };

  static readonly #onData = function (this: CallStream, chunk: Buffer) {
    const call = this[CALL];
    if (call !== undefined) call.#read(chunk);
  };

  static readonly #onEnd = function (this: CallStream) {
    const call = this[CALL];
    if (call !== undefined) call.#complete();
  };

  static readonly #onWantTrailers = function (this: CallStream) {
    const call = this[CALL];
    const trailers = call?.responseTrailers;
    if (call !== undefined) call.#leave();
    this.sendTrailers(trailers === undefined ? OK_TRAILERS : { ...OK_TRAILERS, ...trailers });
  };

  get peer(): string {
    return this.#stream.session?.socket.remoteAddress ?? '';
  }

  header(name: string): string | undefined {
    return this.headers[name] as string | undefined;
  }

  /** Whether the caller has left or was answered. */
  get over(): boolean {
    return !isOpen(this.#stream);
  }

  reply(framed: Uint8Array): void {
    if (this.#state === 'answered' || !isOpen(this.#stream)) return;
    this.#state = 'answered';
    this.deadline = this.#context.deadlines.now + this.#context.limits.lingerMs;
    const stream = this.#stream;
    stream.on('wantTrailers', UnaryCall.#onWantTrailers);
    stream.respond(
      this.responseHeaders === undefined ? RESPONSE_HEADERS : { ...RESPONSE_HEADERS, ...this.responseHeaders },
      WITH_TRAILERS,
    );
    stream.end(framed);
  }

  fail(status: GrpcStatus): void {
    if (this.#state === 'answered') return;
    this.#state = 'answered';
    this.#leave();
    const { responseHeaders, responseTrailers } = this;
    const metadata = (responseHeaders ?? responseTrailers) ? { ...responseHeaders, ...responseTrailers } : undefined;
    respondStatus(this.#stream, status, metadata);
  }

  message(message: Buffer): boolean {
    if (this.#state !== 'reading') return false;
    if (this.#message !== undefined) {
      this.badMessage({ code: Code.Unimplemented, message: 'A unary method takes one request message; got more' });
      return false;
    }
    this.#message = message;
    return true;
  }

  badMessage(status: GrpcStatus): void {
    this.fail(this.#context.explain(status));
  }

  expire(): void {
    if (this.#state === 'answered') {
      this.#leave();
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    const message =
      this.#state === 'reading'
        ? 'Deadline exceeded before the request was complete; nothing was stored'
        : 'Deadline exceeded; the outcome is unknown, and a retry with the same sequence or vote_id is harmless';
    this.badMessage({ code: Code.DeadlineExceeded, message });
  }

  gone(): void {
    this.#leave();
  }

  #read(chunk: Buffer): void {
    if (
      this.#reader === undefined &&
      this.#message === undefined &&
      isOneMessage(chunk, this.#context.method.maxBytes)
    ) {
      this.#message = chunk.subarray(FRAME_PREFIX_BYTES);
      return;
    }
    this.#reader ??= new FrameReader(this, this.#context.method.maxBytes, this.#encoding);
    this.#reader.push(chunk);
  }

  #complete(): void {
    // A reset ends the readable side too: only an open stream has ended as the caller intended.
    if (this.#state !== 'reading' || !isOpen(this.#stream)) return;
    if (this.#reader?.partial === true) {
      this.badMessage({ code: Code.InvalidArgument, message: 'The request ends in the middle of a message' });
      return;
    }
    const message = this.#message;
    if (message === undefined) {
      this.badMessage({ code: Code.Unimplemented, message: 'A unary method takes one request message; got none' });
      return;
    }
    this.#state = 'handling';
    // It is a view of a whole socket read, which it would keep in memory until the answer.
    this.#message = undefined;
    this.deadline = this.#callerDeadline;
    try {
      this.#context.method.handle(message, this);
    } catch (error) {
      console.error('RPC failed', error);
      this.fail({ code: Code.Internal, message: 'Internal error' });
    }
  }

  #leave(): void {
    this.#stream[CALL] = undefined;
    this.#context.deadlines.delete(this);
  }
}

/** Whether the chunk is exactly one uncompressed message, as nearly all requests are. */
function isOneMessage(chunk: Buffer, maxBytes: number): boolean {
  const length = chunk.length - FRAME_PREFIX_BYTES;
  return length >= 0 && length <= maxBytes && chunk[0] === 0 && chunk.readUInt32BE(1) === length;
}
