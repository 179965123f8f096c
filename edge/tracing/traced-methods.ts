import type { GrpcStatus } from '../grpc/framing/status.ts';
import type { GrpcMethod, StreamMethod, UnaryMethod, UnaryResponder } from '../grpc/transport/method.ts';
import { grpcMethods, streamVotesMethod, unaryMethods } from '../grpc/votes/grpc-methods.ts';
import type { VoteServiceDeps } from '../grpc/votes/vote-service-deps.ts';
import type { RequestHeaders } from '../http2/headers/request-headers.ts';
import type { HeaderPairs } from '../http2/hpack/encode-headers.ts';
import { Transport } from '../vote/transport.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import type { RequestTrace } from './request-trace.ts';
import { endRpc, startRpc } from './rpc-span.ts';
import { TracedCallIngress } from './traced-call-ingress.ts';

/** `grpcMethods` with a span for each sampled call, and for each batch of a vote stream. */
export function tracedGrpcMethods(deps: VoteServiceDeps, tracing: EdgeTracing): Map<string, GrpcMethod> {
  return new Map(
    [...grpcMethods(deps)].map(([path, method]) => [
      path,
      method.kind === 'unary'
        ? traceUnary(method, tracing, { path, system: 'grpc' })
        : traceStream(method, deps, tracing, path),
    ]),
  );
}

/** `unaryMethods` for Connect, likewise. */
export function tracedConnectMethods(deps: VoteServiceDeps, tracing: EdgeTracing): Map<string, UnaryMethod> {
  return new Map(
    unaryMethods(deps, Transport.CONNECT).map(([path, method]) => [
      path,
      traceUnary(method, tracing, { path, system: 'connectrpc' }),
    ]),
  );
}

function traceUnary(
  method: UnaryMethod,
  tracing: EdgeTracing,
  rpc: { readonly path: string; readonly system: 'grpc' | 'connectrpc' },
): UnaryMethod {
  return {
    ...method,
    handle(message, call) {
      const trace = startRpc(tracing, call, rpc);
      if (trace === undefined) method.handle(message, call);
      else tracing.run(trace, () => method.handle(message, new TracedResponder(call, trace)));
    },
  };
}

/** A stream may last for hours, so its batches are sampled and have spans, not the stream. */
function traceStream(method: StreamMethod, deps: VoteServiceDeps, tracing: EdgeTracing, path: string): StreamMethod {
  return {
    ...method,
    open(call) {
      const start = () => startRpc(tracing, call, { path, system: 'grpc' });
      return streamVotesMethod({ ...deps, ingress: new TracedCallIngress(deps.ingress, tracing, start) }).open(call);
    },
  };
}

class TracedResponder implements UnaryResponder {
  readonly #call: UnaryResponder;
  readonly #trace: RequestTrace;

  constructor(call: UnaryResponder, trace: RequestTrace) {
    this.#call = call;
    this.#trace = trace;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get headers(): RequestHeaders {
    return this.#call.headers;
  }

  get responseHeaders(): HeaderPairs | undefined {
    return this.#call.responseHeaders;
  }

  set responseHeaders(headers: HeaderPairs | undefined) {
    this.#call.responseHeaders = headers;
  }

  get responseTrailers(): HeaderPairs | undefined {
    return this.#call.responseTrailers;
  }

  set responseTrailers(trailers: HeaderPairs | undefined) {
    this.#call.responseTrailers = trailers;
  }

  header(name: string): string | undefined {
    return this.#call.header(name);
  }

  reply(framed: Uint8Array): void {
    endRpc(this.#trace, undefined);
    this.#call.reply(framed);
  }

  fail(status: GrpcStatus): void {
    endRpc(this.#trace, status.code);
    this.#call.fail(status);
  }
}
