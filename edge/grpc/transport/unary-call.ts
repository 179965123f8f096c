import { Code } from '@connectrpc/connect';
import { Http2ErrorCode } from '../../http2/error-code.ts';
import type { RequestHeaders } from '../../http2/headers/request-headers.ts';
import type { HeaderPairs } from '../../http2/hpack/encode-headers.ts';
import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../../http2/stream/stream-handler.ts';
import { logRequestError } from '../../log-request-error.ts';
import { FRAME_PREFIX_BYTES } from '../framing/frame.ts';
import { FrameReader, type FrameSink } from '../framing/frame-reader.ts';
import type { MessageEncoding } from '../framing/message-encoding.ts';
import type { GrpcStatus } from '../framing/status.ts';
import { problemStatus } from '../problem-status.ts';
import type { CallContext } from './call-context.ts';
import { readCallStart } from './call-start.ts';
import type { Expiring } from './deadlines.ts';
import type { UnaryMethod, UnaryResponder } from './method.ts';
import { okTrailers, respondStatus, responseHead } from './response.ts';

/** One call of a UnaryMethod: reads the request from its stream and writes the answer to it. */
export class UnaryCall implements Expiring, FrameSink, StreamHandler, UnaryResponder {
  responseHeaders: HeaderPairs | undefined;
  responseTrailers: HeaderPairs | undefined;
  deadline: number;
  place = -1;
  readonly #stream: Http2Stream;
  readonly #context: CallContext<UnaryMethod>;
  readonly #encoding: MessageEncoding;
  #reader: FrameReader | undefined;
  /** The caller's own deadline. */
  readonly #callerDeadline: number;
  readonly #startedAt: number;
  #message: Buffer | undefined;
  /** `reading` until the request is complete, `handling` until it is answered, `answered` until the stream closes. */
  #state: 'reading' | 'handling' | 'answered' = 'reading';

  constructor(stream: Http2Stream, context: CallContext<UnaryMethod>) {
    this.#stream = stream;
    this.#context = context;
    this.#startedAt = context.meter.start();
    const start = readCallStart(stream.headers);
    this.#encoding = start.encoding;
    this.#callerDeadline =
      start.timeoutMs === Number.POSITIVE_INFINITY ? start.timeoutMs : performance.now() + start.timeoutMs;
    const { deadlines, limits } = context;
    this.deadline = Math.min(deadlines.now + limits.receiveTimeoutMs, this.#callerDeadline);
    deadlines.add(this);
    if (start.failure !== undefined) this.badMessage(start.failure);
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
    if (this.#state !== 'reading') return;
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

  end(): void {
    if (this.#state !== 'reading') return;
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
    // The message is a view of a whole socket read, which would otherwise stay in memory until the answer.
    this.#message = undefined;
    this.deadline = this.#callerDeadline;
    try {
      this.#context.method.handle(message, this);
    } catch (error) {
      this.fail(problemStatus(logRequestError(error, this, 'RPC failed')));
    }
  }

  drain(): void {
    // A unary answer is one write, which the stream queues.
  }

  close(): void {
    if (this.#state !== 'answered') this.#context.meter.end(Code.Canceled, this.#startedAt);
    this.#state = 'answered';
    this.#message = undefined;
    this.#reader = undefined;
    this.#context.deadlines.delete(this);
  }

  reply(framed: Uint8Array): void {
    if (this.#state === 'answered') return;
    this.#state = 'answered';
    this.#context.meter.end(0, this.#startedAt);
    this.deadline = this.#context.deadlines.now + this.#context.limits.lingerMs;
    this.#stream.answer(responseHead(this.responseHeaders), framed, okTrailers(this.responseTrailers));
  }

  fail(status: GrpcStatus): void {
    if (this.#state === 'answered') return;
    this.#state = 'answered';
    this.#context.meter.end(status.code, this.#startedAt);
    const { responseHeaders = [], responseTrailers = [] } = this;
    respondStatus(this.#stream, status, [...responseHeaders, ...responseTrailers]);
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
      this.#stream.reset(Http2ErrorCode.CANCEL);
      return;
    }
    const message =
      this.#state === 'reading'
        ? 'Deadline exceeded before the request was complete; nothing was stored'
        : 'Deadline exceeded; the outcome is unknown, and a retry with the same sequence or vote_id is harmless';
    this.badMessage({ code: Code.DeadlineExceeded, message });
  }
}

/** Whether the chunk is exactly one uncompressed message, as in nearly all requests. */
function isOneMessage(chunk: Buffer, maxBytes: number): boolean {
  const length = chunk.length - FRAME_PREFIX_BYTES;
  return length >= 0 && length <= maxBytes && chunk[0] === 0 && chunk.readUInt32BE(1) === length;
}
