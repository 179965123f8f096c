import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import type { CallContext, Explain } from './call-context.ts';
import { CALL_LIMITS, type CallLimits } from './call-limits.ts';
import { Deadlines } from './deadlines.ts';
import type { GrpcMethod, StreamMethod, UnaryMethod } from './method.ts';
import { endRequest, respondStatus } from './response.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryCall } from './unary-call.ts';

interface GrpcTransportOptions {
  /** Default: CALL_LIMITS. */
  readonly limits?: CallLimits;
  /** Default: adds nothing. */
  readonly explain?: Explain;
}

/**
 * Serves gRPC methods directly on `node:http2` streams: no compatibility layer, no framework, no promise per call.
 * It knows the protocol (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and nothing about votes.
 *
 * Plain gRPC with protobuf only: gRPC-Web, gRPC with JSON and the Connect protocol are left to Connect's router.
 */
export class GrpcTransport implements Disposable {
  readonly #contexts: ReadonlyMap<string, CallContext>;
  readonly #deadlines = new Deadlines();
  readonly #streams = new Set<StreamCall>();

  /** @param methods by path, such as `/votewire.v1.VoteService/CastVote` */
  constructor(methods: ReadonlyMap<string, GrpcMethod>, options: GrpcTransportOptions = {}) {
    const { limits = CALL_LIMITS, explain = (status) => status } = options;
    const deadlines = this.#deadlines;
    this.#contexts = new Map([...methods].map(([path, method]) => [path, { method, deadlines, limits, explain }]));
  }

  /** Calls in flight. */
  get calls(): number {
    return this.#deadlines.size;
  }

  /** Serves the stream if it calls one of the methods; otherwise returns false and leaves it alone. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const context = this.#contexts.get(headers[':path'] ?? '');
    if (context === undefined || !isGrpcProto(headers['content-type']) || headers[':method'] !== 'POST') return false;
    if (isUnary(context)) {
      new UnaryCall(stream, headers, context);
      return true;
    }
    const call = new StreamCall(stream, headers, context as CallContext<StreamMethod>);
    this.#streams.add(call);
    stream.once('close', () => this.#streams.delete(call));
    return true;
  }

  /** Answers a call of an unknown method: UNIMPLEMENTED, or HTTP 415 if it is not gRPC. */
  refuse(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => stream.destroy());
    if (!isGrpc(headers['content-type'])) {
      stream.respond(
        { ':status': 415, 'accept-post': 'application/grpc, application/grpc+proto' },
        { endStream: true },
      );
      endRequest(stream);
      return;
    }
    respondStatus(stream, { code: Code.Unimplemented, message: `Unknown method ${headers[':path']}` });
  }

  /** Asks open streams to end. */
  stop(): void {
    for (const call of this.#streams) call.stop();
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }
}

function isUnary(context: CallContext): context is CallContext<UnaryMethod> {
  return context.method.kind === 'unary';
}

/** The content types of plain gRPC with protobuf. Parameters, such as `; charset=utf-8`, are left to the router. */
function isGrpcProto(type: string | undefined): boolean {
  return type === 'application/grpc' || type === 'application/grpc+proto';
}

/** Plain gRPC with any message encoding, but not gRPC-Web, which is another protocol. */
export function isGrpc(type: string | undefined): boolean {
  return type !== undefined && /^application\/grpc($|[+; ])/i.test(type);
}
