import type { IncomingMessage, RequestListener } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type ConnectRouter, createContextValues, type ServiceImpl } from '@connectrpc/connect';
import { compressionGzip, connectNodeAdapter } from '@connectrpc/connect-node';
import { Health } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../../proto/gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../proto/gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { MAX_BATCH_BYTES } from '../../wasm/limits.ts';
import { NodeRequestView } from '../admission/node-request-view.ts';
import type { EdgeConfig } from '../config.ts';
import { cutSlowBody } from '../listen/slow-body.ts';
import { explainStatus } from './explain-status.ts';
import { healthService } from './health.ts';
import { mapParseErrors } from './map-parse-errors.ts';
import { problemError } from './problem-status.ts';
import { createReflection, reflectionService } from './reflection.ts';
import { createResultsFeed, type ResultsFeed, type ResultsFeedOptions } from './results/results-feed.ts';
import { CALL_LIMITS, type CallLimits } from './transport/call-limits.ts';
import { GrpcTransport, isGrpc } from './transport/grpc-transport.ts';
import { MAX_CAST_VOTE_BYTES } from './votes/cast-vote.ts';
import { grpcMethods } from './votes/grpc-methods.ts';
import { REQUEST, voteService } from './votes/vote-service.ts';
import type { VoteServiceDeps } from './votes/vote-service-deps.ts';

/** What the RPCs depend on: the ingress for votes, and the results. */
interface RpcOptions extends VoteServiceDeps, ResultsFeedOptions {
  /** `direct`: hot RPCs are served on their HTTP/2 streams; `framework`: all go through Connect's router. */
  readonly mode: EdgeConfig['ingress'];
  /** What `grpc.health.v1` answers. */
  readonly ready: () => boolean;
  /** Default: CALL_LIMITS. */
  readonly callLimits?: CallLimits;
}

/** Every RPC of the edge, over gRPC, gRPC-Web and Connect. Fits a listener's `stream` and `request`. */
export interface Rpc extends Disposable {
  /** Answers an HTTP/2 stream if it is a gRPC call. False: pass it to `request`. */
  stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  /** A listener for HTTP/1.1 and HTTP/2 that answers RPCs, and leaves everything else to `app`. */
  request(app: RequestListener): RequestListener;
  /** The server stops: ends calls that could go on for long (StreamVotes, WatchResults). */
  stop(): void;
  /** Calls in flight that are served on their HTTP/2 streams. */
  readonly calls: number;
}

/**
 * With `mode: direct`, CastVote, CastVotes and StreamVotes over plain gRPC are answered on their HTTP/2 streams; everything
 * else goes through Connect's router.
 */
export function createRpc(options: RpcOptions): Rpc {
  const transport = new GrpcTransport(options.mode === 'direct' ? grpcMethods(options) : new Map(), {
    explain: explainStatus,
    ...(options.callLimits && { limits: options.callLimits }),
  });
  const feed = createResultsFeed(options);
  const stopping = new AbortController();
  const paths = new Set<string>();
  /** Methods whose requests last as long as the caller wants. */
  const longRequests = new Set<string>();
  const { receiveTimeoutMs } = options.callLimits ?? CALL_LIMITS;
  const routes = (router: ConnectRouter) => {
    mountServices(router, options, feed);
    for (const { requestPath, method } of router.handlers) {
      paths.add(requestPath);
      if (method.methodKind === 'bidi_streaming' || method.methodKind === 'client_streaming')
        longRequests.add(requestPath);
    }
  };
  const connect = (app: RequestListener) =>
    connectNodeAdapter({
      routes,
      fallback: app as ReturnType<typeof connectNodeAdapter>,
      acceptCompression: [compressionGzip],
      readMaxBytes: MAX_BATCH_BYTES,
      shutdownSignal: stopping.signal,
      requestGate: mapParseErrors,
      contextValues: (req) => createContextValues().set(REQUEST, new NodeRequestView(req)),
    }) as RequestListener;
  return {
    stream(stream, headers) {
      if (transport.serve(stream, headers)) return true;
      if (!isGrpc(headers['content-type']) || paths.has(headers[':path'] ?? '')) return false;
      transport.refuse(stream, headers);
      return true;
    },
    request(app) {
      const rpc = connect(app);
      return (req, res) => {
        const url = req.url ?? '';
        if (!isRpcPath(url)) return app(req, res);
        if (!hasUsableHost(req)) return res.writeHead(400).end();
        if (!longRequests.has(url.split('?', 1)[0] ?? '')) cutSlowBody(req, res, receiveTimeoutMs);
        rpc(req, res);
      };
    },
    stop() {
      transport.stop();
      const detail = 'This edge is stopping; call again on a new connection';
      stopping.abort(problemError({ code: ErrorCode.SHUTTING_DOWN, detail, retryAfter: 1 }));
    },
    get calls() {
      return transport.calls;
    },
    [Symbol.dispose]() {
      transport[Symbol.dispose]();
      feed[Symbol.dispose]();
    },
  };
}

/** CastVote has a smaller size limit than the rest. */
function mountServices(router: ConnectRouter, options: RpcOptions, feed: ResultsFeed): void {
  const implementation = voteService(options, feed);
  router.service(VoteService, implementation);
  router.rpc(VoteService.method.castVote, implementation.castVote, { readMaxBytes: MAX_CAST_VOTE_BYTES });
  router.service(Health, healthService(options.ready));
  const reflection = reflectionService(
    createReflection([VoteService, Health, ServerReflection, ServerReflectionAlpha]),
  );
  router.service(ServerReflection, reflection);
  router.service(ServerReflectionAlpha, reflection as unknown as ServiceImpl<typeof ServerReflectionAlpha>);
}

/** Connect's adapter builds a URL from host and path, and throws from an event handler if it is invalid. */
function hasUsableHost(req: IncomingMessage): boolean {
  // HTTP/2 names the host in a header of another name.
  const host = (req.headers[':authority'] as string | undefined) ?? req.headers.host;
  return host !== undefined && URL.canParse(req.url ?? '', `http://${host}`);
}

/** The paths of RPCs start with their package names; no path of the app does. */
function isRpcPath(url: string): boolean {
  return url.startsWith('/votewire.') || url.startsWith('/grpc.');
}
