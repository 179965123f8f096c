import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { FRAME_PREFIX_BYTES } from '../framing/frame.ts';
import { FrameReader, type FrameSink } from '../framing/frame-reader.ts';
import type { MessageEncoding } from '../framing/message-encoding.ts';
import type { GrpcStatus } from '../framing/status.ts';
import type { CallSetting } from './call-setting.ts';
import { readCallStart } from './call-start.ts';
import type { Expiring } from './deadlines.ts';
import type { UnaryMethod } from './method.ts';
import { isOpen, OK_TRAILERS, RESPONSE_HEADERS, respondStatus, WITH_TRAILERS } from './response.ts';

/**
 * Where a stream has its call. Node keeps a stream's JavaScript side until the next full collection, long after it was
 * answered: with listeners that all calls share, and the call taken off when it is over, nothing of ours stays with it.
 */
const CALL = Symbol('call');

type CallStream = ServerHttp2Stream & { [CALL]?: UnaryCall | undefined };

/** One call of a UnaryMethod: reads the request off its stream and writes the answer onto it. */
export class UnaryCall implements Expiring, FrameSink {
  readonly headers: IncomingHttpHeaders;
  /** Sent beside the protocol's own where the method sets them before it answers. */
  responseHeaders: OutgoingHttpHeaders | undefined;
  responseTrailers: OutgoingHttpHeaders | undefined;
  deadline: number;
  readonly #stream: CallStream;
  readonly #setting: CallSetting<UnaryMethod>;
  readonly #encoding: MessageEncoding;
  #reader: FrameReader | undefined;
  /** When the caller's own deadline passes. */
  readonly #callerDeadline: number;
  #message: Buffer | undefined;
  /** `reading` until the request is complete, `handling` until it is answered, `answered` until the stream is gone. */
  #state: 'reading' | 'handling' | 'answered' = 'reading';

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, setting: CallSetting<UnaryMethod>) {
    this.headers = headers;
    this.#stream = stream;
    this.#setting = setting;
    const start = readCallStart(headers);
    this.#encoding = start.encoding;
    this.#callerDeadline =
      start.timeoutMs === Number.POSITIVE_INFINITY ? start.timeoutMs : performance.now() + start.timeoutMs;
    const { deadlines, limits } = setting;
    this.deadline = Math.min(deadlines.now + limits.receiveTimeoutMs, this.#callerDeadline);
    deadlines.add(this);
    this.#stream[CALL] = this;
    // Without a listener an error of the stream, as a reset by the caller, would end the process.
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

  /** The address of whoever is at the other end of the connection. */
  get peer(): string {
    return this.#stream.session?.socket.remoteAddress ?? '';
  }

  /** Whether the caller is gone, or was answered. */
  get over(): boolean {
    return !isOpen(this.#stream);
  }

  /** Ends the call well with one message, framed (see frame.ts). */
  reply(framed: Uint8Array): void {
    if (this.#state === 'answered' || !isOpen(this.#stream)) return;
    this.#state = 'answered';
    this.deadline = this.#setting.deadlines.now + this.#setting.limits.lingerMs;
    const stream = this.#stream;
    stream.on('wantTrailers', UnaryCall.#onWantTrailers);
    stream.respond(
      this.responseHeaders === undefined ? RESPONSE_HEADERS : { ...RESPONSE_HEADERS, ...this.responseHeaders },
      WITH_TRAILERS,
    );
    stream.end(framed);
  }

  /** Ends the call with a status other than OK. */
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
      this.badMessage({ code: Code.Unimplemented, message: 'More than one request message: this is a unary method' });
      return false;
    }
    this.#message = message;
    return true;
  }

  badMessage(status: GrpcStatus): void {
    this.fail(this.#setting.explain(status));
  }

  expire(): void {
    if (this.#state === 'answered') {
      this.#leave();
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    const message =
      this.#state === 'reading'
        ? 'Deadline exceeded before the request was complete: nothing was stored'
        : 'Deadline exceeded, outcome unknown: a retry with the same sequence or vote_id is harmless';
    this.badMessage({ code: Code.DeadlineExceeded, message });
  }

  gone(): void {
    this.#leave();
  }

  #read(chunk: Buffer): void {
    if (
      this.#reader === undefined &&
      this.#message === undefined &&
      isOneMessage(chunk, this.#setting.method.maxBytes)
    ) {
      this.#message = chunk.subarray(FRAME_PREFIX_BYTES);
      return;
    }
    this.#reader ??= new FrameReader(this, this.#setting.method.maxBytes, this.#encoding);
    this.#reader.push(chunk);
  }

  #complete(): void {
    // A reset ends the readable side too: only a stream that is open has come to its end as the caller meant it.
    if (this.#state !== 'reading' || !isOpen(this.#stream)) return;
    if (this.#reader?.partial === true) {
      this.badMessage({ code: Code.InvalidArgument, message: 'The request ends in the middle of a message' });
      return;
    }
    const message = this.#message;
    if (message === undefined) {
      this.badMessage({ code: Code.Unimplemented, message: 'No request message: a unary method takes one' });
      return;
    }
    this.#state = 'handling';
    // It looks into what the session read off its socket in one go, and would keep all of that until the answer.
    this.#message = undefined;
    this.deadline = this.#callerDeadline;
    try {
      this.#setting.method.handle(message, this);
    } catch (error) {
      console.error('gRPC method failed', error);
      this.fail({ code: Code.Internal, message: 'Internal error' });
    }
  }

  #leave(): void {
    this.#stream[CALL] = undefined;
    this.#setting.deadlines.delete(this);
  }
}

/** Whether the chunk is one uncompressed message, neither more nor less: as nearly all requests come. */
function isOneMessage(chunk: Buffer, maxBytes: number): boolean {
  const length = chunk.length - FRAME_PREFIX_BYTES;
  return length >= 0 && length <= maxBytes && chunk[0] === 0 && chunk.readUInt32BE(1) === length;
}
