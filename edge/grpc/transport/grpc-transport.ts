import { Code } from '@connectrpc/connect';
import { refuseRequest } from '../../http2/refuse-request.ts';
import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../../http2/stream/stream-handler.ts';
import { RequestMeters } from '../../metrics/request-meters.ts';
import type { GrpcStatus } from '../framing/status.ts';
import type { CallContext, Explain } from './call-context.ts';
import { CALL_LIMITS, type CallLimits } from './call-limits.ts';
import { Deadlines } from './deadlines.ts';
import type { GrpcMethod, StreamMethod, UnaryMethod } from './method.ts';
import { respondStatus } from './response.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryCall } from './unary-call.ts';

interface GrpcTransportOptions {
  /** Default: CALL_LIMITS. */
  readonly limits?: CallLimits;
  /** Default: adds nothing. */
  readonly explain?: Explain;
  /** Default: separate meters. */
  readonly meters?: RequestMeters;
}

/**
 * Serves gRPC methods directly on HTTP/2 streams: no framework, no promise per call. It knows the protocol
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and nothing about votes.
 *
 * Plain gRPC with protobuf only: gRPC-Web, gRPC with JSON and the Connect protocol go to Connect's router.
 */
export class GrpcTransport implements Disposable {
  readonly #contexts: ReadonlyMap<string, CallContext>;
  readonly #deadlines = new Deadlines();
  readonly #streams = new Set<StreamCall>();

  /** @param methods by path, such as `/votewire.v1.VoteService/CastVote` */
  constructor(methods: ReadonlyMap<string, GrpcMethod>, options: GrpcTransportOptions = {}) {
    const { limits = CALL_LIMITS, explain = (status) => status, meters = new RequestMeters() } = options;
    const deadlines = this.#deadlines;
    this.#contexts = new Map(
      [...methods].map(([path, method]) => {
        const type = method.kind === 'unary' ? 'unary' : 'bidi_stream';
        const meter = meters.rpc({ protocol: 'grpc', path, type });
        return [path, { method, deadlines, limits, explain, meter }];
      }),
    );
  }

  /** Calls in flight. */
  get calls(): number {
    return this.#deadlines.size;
  }

  /** Serves the stream if it calls one of the methods; otherwise returns undefined without touching it. */
  serve(stream: Http2Stream): StreamHandler | undefined {
    const { headers } = stream;
    const context = this.#contexts.get(headers.path);
    if (context === undefined || headers.method !== 'POST' || !isGrpcProto(headers.get('content-type'))) {
      return undefined;
    }
    if (isUnary(context)) return new UnaryCall(stream, context);
    const call = new StreamCall(stream, context as CallContext<StreamMethod>, this.#onStreamClosed);
    this.#streams.add(call);
    return call;
  }

  /** Answers a call of an unknown method: UNIMPLEMENTED, or HTTP 415 if it is not gRPC. */
  refuse(stream: Http2Stream): StreamHandler {
    const { headers } = stream;
    if (isGrpc(headers.get('content-type'))) {
      respondStatus(stream, unknownMethod(headers.path));
    } else refuseRequest(stream, 415, [['accept-post', 'application/grpc, application/grpc+proto']]);
    return ANSWERED;
  }

  /** Asks open streams to end. */
  stop(): void {
    for (const call of this.#streams) call.stop();
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }

  readonly #onStreamClosed = (call: StreamCall) => {
    this.#streams.delete(call);
  };
}

const ignore = () => undefined;
/** The handler of a stream that was already answered. */
const ANSWERED: StreamHandler = { data: ignore, end: ignore, drain: ignore, close: ignore };

export function unknownMethod(path: string): GrpcStatus {
  return { code: Code.Unimplemented, message: `Unknown method ${path}` };
}

function isUnary(context: CallContext): context is CallContext<UnaryMethod> {
  return context.method.kind === 'unary';
}

/** Whether the type is plain gRPC with protobuf. Types with parameters, such as `; charset=utf-8`, go to the router. */
function isGrpcProto(type: string | undefined): boolean {
  return type === 'application/grpc' || type === 'application/grpc+proto';
}

/** Whether the type is gRPC with any message format, but not gRPC-Web, which is another protocol. */
export function isGrpc(type: string | undefined): boolean {
  return type !== undefined && /^application\/grpc($|[+; ])/i.test(type);
}
