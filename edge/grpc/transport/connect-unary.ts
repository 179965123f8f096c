import { createRegistry, toJson } from '@bufbuild/protobuf';
import { type Any, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { codeToHttpStatus, codeToString } from '@connectrpc/connect/protocol-connect';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from '../../../proto/gen/google/rpc/error_details_pb.ts';
import { Http2RequestView } from '../../admission/views/http2-request-view.ts';
import { BodyBuffer } from '../../http/votes/adapters/body-buffer.ts';
import { http2ReplyHead } from '../../http/votes/adapters/http2-reply-head.ts';
import type { RequestHeaders } from '../../http2/headers/request-headers.ts';
import type { HeaderPairs } from '../../http2/hpack/encode-headers.ts';
import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../../http2/stream/stream-handler.ts';
import { logRequestError } from '../../log-request-error.ts';
import type { RequestMeter } from '../../metrics/request-meter.ts';
import type { RequestMeters } from '../../metrics/request-meters.ts';
import { FRAME_PREFIX_BYTES } from '../framing/frame.ts';
import type { GrpcStatus } from '../framing/status.ts';
import { problemStatus } from '../problem-status.ts';
import type { Explain } from './call-context.ts';
import type { UnaryMethod, UnaryResponder } from './method.ts';

interface ConnectUnaryOptions {
  readonly explain: Explain;
  readonly meters: RequestMeters;
  /** A request must be complete after this time, in milliseconds. */
  readonly receiveTimeoutMs: number;
}

/**
 * Serves unary calls of the Connect protocol (https://connectrpc.com/docs/protocol#unary-request) directly on HTTP/2
 * streams: protobuf, uncompressed, without a deadline. Every other call goes to Connect's router, which takes about
 * twelve times as much CPU.
 */
export class ConnectUnaryTransport {
  readonly #methods: ReadonlyMap<string, { readonly method: UnaryMethod; readonly meter: RequestMeter }>;
  readonly #options: ConnectUnaryOptions;

  /** @param methods by path, such as `/votewire.v1.VoteService/CastVote` */
  constructor(methods: ReadonlyMap<string, UnaryMethod>, options: ConnectUnaryOptions) {
    this.#methods = new Map(
      [...methods].map(([path, method]) => [
        path,
        { method, meter: options.meters.rpc({ protocol: 'connect', path, type: 'unary' }) },
      ]),
    );
    this.#options = options;
  }

  /** Serves the stream if it is such a call; otherwise returns undefined without touching it. */
  serve(stream: Http2Stream): StreamHandler | undefined {
    const { headers } = stream;
    const found = this.#methods.get(headers.path);
    if (found === undefined || headers.method !== 'POST' || !isPlain(headers)) return undefined;
    stream.limitBody(this.#options.receiveTimeoutMs);
    return new ConnectUnaryCall(stream, found, this.#options.explain);
  }
}

function isPlain(headers: RequestHeaders): boolean {
  const version = headers.get('connect-protocol-version');
  return (
    headers.get('content-type') === 'application/proto' &&
    headers.get('content-encoding') === undefined &&
    headers.get('connect-timeout-ms') === undefined &&
    (version === undefined || version === '1')
  );
}

const DETAILS = createRegistry(ErrorInfoSchema, BadRequestSchema, RequestInfoSchema, RetryInfoSchema);

/** `debug` repeats `value` in readable form, for people. */
function detailJson(detail: Any): object {
  const { typeUrl, value } = detail;
  const message = anyUnpack(detail, DETAILS);
  const schema = message && DETAILS.getMessage(message.$typeName);
  return {
    type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1),
    value: Buffer.from(value).toString('base64').replace(/=+$/, ''),
    ...(schema && message && { debug: toJson(schema, message) }),
  };
}

const NOTHING = Buffer.alloc(0);

class ConnectUnaryCall extends Http2RequestView implements StreamHandler, UnaryResponder {
  responseHeaders: HeaderPairs | undefined;
  responseTrailers: HeaderPairs | undefined;
  readonly #explain: Explain;
  readonly #meter: RequestMeter;
  readonly #startedAt: number;
  #answered = false;
  /** Undefined once the request is complete or rejected. */
  #method: UnaryMethod | undefined;
  #message: Buffer = NOTHING;
  #parts: BodyBuffer | undefined;

  constructor(
    stream: Http2Stream,
    { method, meter }: { readonly method: UnaryMethod; readonly meter: RequestMeter },
    explain: Explain,
  ) {
    super(stream);
    this.#meter = meter;
    this.#startedAt = meter.start();
    this.#method = method;
    this.#explain = explain;
    const { contentLength } = stream.headers;
    if (contentLength > method.maxBytes) this.#refuse(`${contentLength}`);
  }

  get headers(): RequestHeaders {
    return this.stream.headers;
  }

  data(chunk: Buffer): void {
    if (this.#method === undefined) return;
    if (chunk.length === this.headers.contentLength) {
      this.#message = chunk;
      return;
    }
    this.#parts ??= new BodyBuffer();
    if (this.#parts.length + chunk.length > this.#method.maxBytes) this.#refuse('more');
    else this.#parts.append(chunk);
  }

  end(): void {
    const method = this.#method;
    if (method === undefined) return;
    this.#method = undefined;
    const message = this.#parts?.bytes ?? this.#message;
    this.#message = NOTHING;
    this.#parts = undefined;
    try {
      method.handle(message, this);
    } catch (error) {
      // A bug in one call must not end the process with all others.
      this.fail(problemStatus(logRequestError(error, this, 'RPC failed')));
    }
  }

  drain(): void {
    // A unary answer is one write, which the stream queues.
  }

  close(): void {
    this.#count(Code.Canceled);
    this.#method = undefined;
    this.#message = NOTHING;
    this.#parts = undefined;
  }

  reply(framed: Uint8Array): void {
    this.#count(0);
    this.#answer(200, 'application/proto', framed.subarray(FRAME_PREFIX_BYTES));
  }

  fail({ code, message, details = [] }: GrpcStatus): void {
    this.#method = undefined;
    this.#count(code);
    const error = {
      code: codeToString(code),
      message,
      details: details.map(detailJson),
    };
    this.#answer(codeToHttpStatus(code), 'application/json', Buffer.from(JSON.stringify(error)));
  }

  #count(code: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#meter.end(code, this.#startedAt);
  }

  #refuse(got: string): void {
    const message = `A message must have at most ${this.#method?.maxBytes} bytes; got ${got}`;
    this.fail(this.#explain({ code: Code.ResourceExhausted, message }));
  }

  #answer(status: number, type: string, body: Uint8Array): void {
    const metadata = this.#metadata();
    this.stream.answer(http2ReplyHead({ status, type, ...(metadata && { headers: metadata }) }, body.length), body);
  }

  /** Connect sends trailers as prefixed headers. */
  #metadata(): Record<string, string> | undefined {
    const { responseHeaders, responseTrailers } = this;
    if (responseHeaders === undefined && responseTrailers === undefined) return undefined;
    const trailers = [...(responseTrailers ?? [])].map(([name, value]) => [`trailer-${name}`, value] as const);
    return Object.fromEntries([...(responseHeaders ?? []), ...trailers]);
  }
}
