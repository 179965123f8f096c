import type { IncomingMessage, RequestListener } from 'node:http';
import type { DescMethod } from '@bufbuild/protobuf';
import { type ConnectRouter, createConnectRouter, createContextValues, type ServiceImpl } from '@connectrpc/connect';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { compressionGzip, connectNodeAdapter } from '@connectrpc/connect-node';
import { TurnGate } from '../../http/connections/turn-gate.ts';
import { requestIdOf } from '../../http/request/request-id.ts';
import { Health } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../../proto/gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../proto/gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { MAX_BATCH_BYTES } from '../../wasm/limits.ts';
import { Http2RequestView } from '../admission/views/http2-request-view.ts';
import { NodeRequestView } from '../admission/views/node-request-view.ts';
import { serveConnect } from '../http2/adapters/connect-adapter.ts';
import type { Http2Stream } from '../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../http2/stream/stream-handler.ts';
import { cutSlowBody } from '../listen/framework/slow-body.ts';
import { RequestMeters } from '../metrics/request-meters.ts';
import type { EdgeTracing } from '../tracing/edge-tracing.ts';
import { tracedDeps } from '../tracing/traced-deps.ts';
import { tracedConnectMethods, tracedGrpcMethods } from '../tracing/traced-methods.ts';
import { Transport } from '../vote/transport.ts';
import { explainStatus } from './explain-status.ts';
import { healthService } from './health.ts';
import { logCallErrors } from './log-call-errors.ts';
import { mapParseErrors } from './map-parse-errors.ts';
import { meterCalls } from './meter-calls.ts';
import { problemError } from './problem-status.ts';
import { createReflection, reflectionService } from './reflection.ts';
import { createResultsFeed, type ResultsFeed, type ResultsFeedOptions } from './results/results-feed.ts';
import { CALL_LIMITS, type CallLimits } from './transport/call-limits.ts';
import { ConnectUnaryTransport } from './transport/connect-unary.ts';
import { GrpcTransport, isGrpc, unknownMethod } from './transport/grpc-transport.ts';
import { writeStatus } from './transport/response.ts';
import { mountCastService } from './votes/cast-service.ts';
import { grpcMethods, unaryMethods } from './votes/grpc-methods.ts';
import { readService } from './votes/read-service.ts';
import { REQUEST } from './votes/router-calls.ts';
import type { VoteServiceDeps } from './votes/vote-service-deps.ts';

/** Dependencies of the RPCs: the ingress for votes, and the results. */
interface RpcOptions extends VoteServiceDeps, ResultsFeedOptions {
  /** The status that `grpc.health.v1` reports. */
  readonly ready: () => boolean;
  /** Default: CALL_LIMITS. */
  readonly callLimits?: CallLimits;
  /** Default: separate meters. */
  readonly meters?: RequestMeters;
  /** Starts calls that cast no votes. Default: a separate gate. */
  readonly reads?: TurnGate;
  /** Default: off. */
  readonly tracing?: EdgeTracing;
}

/** Every RPC of the edge, over gRPC, gRPC-Web and Connect. */
export interface Rpc extends Disposable {
  /** Serves an HTTP/2 stream if it is a call; otherwise returns undefined without touching it. */
  stream(stream: Http2Stream): StreamHandler | undefined;
  /** Creates a listener for Node's servers that answers RPCs and passes everything else to `app`. */
  request(app: RequestListener): RequestListener;
  /** Called when the server stops: ends long calls (StreamVotes, WatchResults). */
  stop(): void;
  /** Calls in flight on the direct transports. */
  readonly calls: number;
}

/**
 * On HTTP/2 streams, CastVote, CastVotes and StreamVotes over plain gRPC are answered directly, and so are the first
 * two over Connect with protobuf; everything else goes through Connect's router.
 */
export function createRpc(options: RpcOptions): Rpc {
  const { callLimits = CALL_LIMITS, meters = new RequestMeters(), reads = new TurnGate(), tracing } = options;
  const methods = tracing ? tracedGrpcMethods(options, tracing) : grpcMethods(options);
  const transport = new GrpcTransport(methods, { explain: explainStatus, limits: callLimits, meters });
  const connectMethods = tracing
    ? tracedConnectMethods(options, tracing)
    : new Map(unaryMethods(options, Transport.CONNECT));
  const connectUnary = new ConnectUnaryTransport(connectMethods, {
    explain: explainStatus,
    meters,
    receiveTimeoutMs: callLimits.receiveTimeoutMs,
  });
  const feed = createResultsFeed(options);
  const stopping = new AbortController();
  const connectOptions = {
    acceptCompression: [compressionGzip],
    readMaxBytes: MAX_BATCH_BYTES,
    shutdownSignal: stopping.signal,
    requestGate: mapParseErrors,
    interceptors: [meterCalls(meters), logCallErrors],
  };
  const routes = (router: ConnectRouter) => mountServices(router, options, feed);
  const { handlers } = routes(createConnectRouter(connectOptions));
  const readPaths = new Set(handlers.filter(({ method }) => !VOTE_METHODS.has(method)).map((each) => each.requestPath));
  const byPath = new Map(
    handlers.map((handler) => [
      handler.requestPath,
      serveConnect(withAllow(readPaths.has(handler.requestPath) ? inTurn(handler, reads) : handler), (stream) =>
        createContextValues().set(REQUEST, new Http2RequestView(stream)),
      ),
    ]),
  );
  /** Methods whose requests last as long as the caller wants. */
  const longRequests = new Set(
    handlers
      .filter(({ method }) => method.methodKind === 'bidi_streaming' || method.methodKind === 'client_streaming')
      .map(({ requestPath }) => requestPath),
  );
  return {
    stream(stream) {
      const direct = transport.serve(stream) ?? connectUnary.serve(stream);
      if (direct !== undefined) return direct;
      const path = pathOf(stream.headers.path);
      const serve = byPath.get(path);
      if (serve === undefined) {
        return isGrpc(stream.headers.get('content-type')) ? transport.refuse(stream) : undefined;
      }
      if (!longRequests.has(path)) stream.limitBody(callLimits.receiveTimeoutMs);
      return serve(stream);
    },
    request(app) {
      const rpc = connectNodeAdapter({
        ...connectOptions,
        routes,
        fallback: app as ReturnType<typeof connectNodeAdapter>,
        contextValues: (req) => createContextValues().set(REQUEST, new NodeRequestView(req)),
      }) as RequestListener;
      return (req, res) => {
        const url = req.url ?? '';
        const path = pathOf(url);
        const isKnown = byPath.has(path);
        if (!isKnown && req.httpVersionMajor === 2 && isGrpc(req.headers['content-type'])) {
          return writeStatus(res, unknownMethod(path));
        }
        if (!isRpcPath(url)) return app(req, res);
        const id = () => ({ 'x-request-id': requestIdOf(req) });
        if (!hasUsableHost(req)) return res.writeHead(400, id()).end();
        if (req.method !== 'POST' && isKnown) return res.writeHead(405, { allow: 'POST', ...id() }).end();
        if (!longRequests.has(path)) cutSlowBody(req, res, callLimits.receiveTimeoutMs);
        if (readPaths.has(path)) reads.run(() => rpc(req, res));
        else rpc(req, res);
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

/** Mounts the services. If a method is mounted twice, the later handler serves it. */
function mountServices(router: ConnectRouter, options: RpcOptions, feed: ResultsFeed): ConnectRouter {
  const { tracing } = options;
  router.service(VoteService, readService(options, feed));
  mountCastService(router, tracing ? tracedDeps(options, tracing) : () => options);
  router.service(Health, healthService(options.ready));
  const reflection = reflectionService(
    createReflection([VoteService, Health, ServerReflection, ServerReflectionAlpha]),
  );
  router.service(ServerReflection, reflection);
  return router.service(ServerReflectionAlpha, reflection as unknown as ServiceImpl<typeof ServerReflectionAlpha>);
}

const { castVote, castVotes, streamVotes } = VoteService.method;
const VOTE_METHODS: ReadonlySet<DescMethod> = new Set([castVote, castVotes, streamVotes]);

function inTurn(handler: UniversalHandlerFn, reads: TurnGate): UniversalHandlerFn {
  return async (request) => {
    await new Promise<void>((resolve) => reads.run(resolve));
    request.signal.throwIfAborted();
    return handler(request);
  };
}

/** Connect answers 405 without the Allow that RFC 9110 requires. */
function withAllow(handler: UniversalHandlerFn): UniversalHandlerFn {
  return async (request) => {
    const response = await handler(request);
    if (response.status !== 405) return response;
    const header = new Headers(response.header);
    header.set('allow', 'POST');
    return { ...response, header };
  };
}

function pathOf(target: string): string {
  const at = target.indexOf('?');
  return at < 0 ? target : target.slice(0, at);
}

/** Connect's adapter builds a URL from host and path, and throws from an event handler if it is invalid. */
function hasUsableHost(req: IncomingMessage): boolean {
  // HTTP/2 has the host in :authority.
  const host = (req.headers[':authority'] as string | undefined) ?? req.headers.host;
  return host !== undefined && URL.canParse(req.url ?? '', `http://${host}`);
}

/** RPC paths start with a package name; no path of the app does. */
function isRpcPath(url: string): boolean {
  return url.startsWith('/votewire.') || url.startsWith('/grpc.');
}
