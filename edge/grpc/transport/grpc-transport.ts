import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { Deadlines } from './deadlines.ts';
import type { GrpcMethod } from './method.ts';
import { endRequest, respondStatus } from './response.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryCall } from './unary-call.ts';

/**
 * Serves gRPC methods directly on `node:http2` streams: no compatibility layer, no framework, no promise per call.
 * It knows the protocol (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and nothing of votes.
 *
 * Plain gRPC with protobuf alone: gRPC-Web, gRPC with JSON and the Connect protocol are left to Connect's router.
 */
export class GrpcTransport implements Disposable {
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #deadlines = new Deadlines();
  readonly #streams = new Set<StreamCall>();

  /** `methods`: by path, as `/votewire.v1.VoteService/CastVote`. */
  constructor(methods: ReadonlyMap<string, GrpcMethod>) {
    this.#methods = methods;
  }

  /** Calls that are under way. */
  get calls(): number {
    return this.#deadlines.size;
  }

  /** Serves the stream if it is a call of one of the methods. False: it is somebody else's. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const method = this.#methods.get(headers[':path'] ?? '');
    if (method === undefined || !isGrpcProto(headers['content-type']) || headers[':method'] !== 'POST') return false;
    if (method.kind === 'unary') {
      new UnaryCall(stream, headers, method, this.#deadlines);
      return true;
    }
    const call = new StreamCall(stream, headers, method, this.#deadlines);
    this.#streams.add(call);
    stream.once('close', () => this.#streams.delete(call));
    return true;
  }

  /** Answers a call that nobody serves: UNIMPLEMENTED, or HTTP's 415 where it is not gRPC. */
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
    respondStatus(stream, { code: Code.Unimplemented, message: `There is no method ${headers[':path']}` });
  }

  /** Asks open streams to come to an end. */
  stop(): void {
    for (const call of this.#streams) call.stop();
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }
}

/** The content types of plain gRPC with protobuf. Parameters, as `; charset=utf-8`, are left to the slow path. */
function isGrpcProto(type: string | undefined): boolean {
  return type === 'application/grpc' || type === 'application/grpc+proto';
}

/** Plain gRPC with whatever messages, and not gRPC-Web, which is a protocol of its own. */
export function isGrpc(type: string | undefined): boolean {
  return type !== undefined && /^application\/grpc($|[+; ])/i.test(type);
}
