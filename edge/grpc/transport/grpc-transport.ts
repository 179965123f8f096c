import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { CALL_LIMITS, type CallLimits } from './call-limits.ts';
import type { CallSetting, Explain } from './call-setting.ts';
import { Deadlines } from './deadlines.ts';
import type { GrpcMethod, StreamMethod, UnaryMethod } from './method.ts';
import { endRequest, respondStatus } from './response.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryCall } from './unary-call.ts';

export interface GrpcTransportOptions {
  /** Default: CALL_LIMITS. */
  readonly limits?: CallLimits;
  /** Default: adds nothing. */
  readonly explain?: Explain;
}

/**
 * Serves gRPC methods directly on `node:http2` streams: no compatibility layer, no framework, no promise per call.
 * It knows the protocol (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and nothing of votes.
 *
 * Plain gRPC with protobuf alone: gRPC-Web, gRPC with JSON and the Connect protocol are left to Connect's router.
 */
export class GrpcTransport implements Disposable {
  readonly #settings: ReadonlyMap<string, CallSetting>;
  readonly #deadlines = new Deadlines();
  readonly #streams = new Set<StreamCall>();

  /** `methods`: by path, as `/votewire.v1.VoteService/CastVote`. */
  constructor(methods: ReadonlyMap<string, GrpcMethod>, options: GrpcTransportOptions = {}) {
    const { limits = CALL_LIMITS, explain = (status) => status } = options;
    const deadlines = this.#deadlines;
    this.#settings = new Map([...methods].map(([path, method]) => [path, { method, deadlines, limits, explain }]));
  }

  /** Calls that are under way. */
  get calls(): number {
    return this.#deadlines.size;
  }

  /** Serves the stream if it is a call of one of the methods. False: it is somebody else's. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const setting = this.#settings.get(headers[':path'] ?? '');
    if (setting === undefined || !isGrpcProto(headers['content-type']) || headers[':method'] !== 'POST') return false;
    if (isUnary(setting)) {
      new UnaryCall(stream, headers, setting);
      return true;
    }
    const call = new StreamCall(stream, headers, setting as CallSetting<StreamMethod>);
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

function isUnary(setting: CallSetting): setting is CallSetting<UnaryMethod> {
  return setting.method.kind === 'unary';
}

/** The content types of plain gRPC with protobuf. Parameters, as `; charset=utf-8`, are left to the slow path. */
function isGrpcProto(type: string | undefined): boolean {
  return type === 'application/grpc' || type === 'application/grpc+proto';
}

/** Plain gRPC with whatever messages, and not gRPC-Web, which is a protocol of its own. */
export function isGrpc(type: string | undefined): boolean {
  return type !== undefined && /^application\/grpc($|[+; ])/i.test(type);
}
