import { getRequestListener } from '@hono/node-server';
import { ConfigError } from '../../config/config-error.ts';
import { listenOnPort } from '../../config/listen-port.ts';
import { TurnGate } from '../../http/connections/turn-gate.ts';
import type { ProxyTrust } from '../../http/request/client-address.ts';
import { openTracing } from '../../telemetry/open-tracing.ts';
import { answerStreamError } from '../answer-stream-error.ts';
import { type EdgeConfig, readEdgeConfig } from '../config.ts';
import { openEdge } from '../edge.ts';
import { edgeLog } from '../edge-log.ts';
import { createEdgeRpc } from '../grpc/edge-rpc.ts';
import { createApp, createEdgeHttp } from '../http/app.ts';
import { http2Requests } from '../http/http2-requests.ts';
import { http1Votes } from '../http/votes/adapters/http1-votes.ts';
import { nodeVotes } from '../http/votes/adapters/node-votes.ts';
import { directHttp2 } from '../listen/direct-http2.ts';
import { frameworkHttp2 } from '../listen/framework/http2-server.ts';
import { type ListenerOptions, openListener } from '../listen/listener.ts';
import { createEdgeMetrics } from '../metrics/edge-metrics.ts';
import { EdgeTracing } from '../tracing/edge-tracing.ts';
import type { RunningEdge } from './run-edge.ts';

/**
 * Starts an edge on any runtime with `node:net` and `node:http`: HTTP/1.1, h2c, gRPC, gRPC-Web and Connect on one port.
 *
 * @param config default: from the environment
 * @param startTracing called if `config.tracing` is set
 * @throws {ConfigError} if a variable is invalid or does not fit this deployment
 */
export async function startEdge(
  config: EdgeConfig = readEdgeConfig(process.env),
  startTracing = openTracing,
): Promise<RunningEdge> {
  if (config.ingress === 'framework' && 'bun' in process.versions) {
    throw ConfigError.invalid(
      'INGRESS',
      config.ingress,
      'direct on Bun, whose node:http2 cannot serve an accepted socket',
    );
  }
  const tracing = config.tracing && (await startTracing(config.tracing, edgeLog));
  const edge = await openEdge(config, tracing && new EdgeTracing(tracing));
  const http = createEdgeHttp(edge, createEdgeMetrics(edge));
  const { voteRoute } = http;
  const reads = new TurnGate();
  const rpc = createEdgeRpc(edge, reads);
  const app = createApp(http);
  // The adapter's Request and Response stay local; the global ones are not patched.
  const appListener = getRequestListener(app.fetch, { overrideGlobalObjects: false });

  const direct = (): Omit<ListenerOptions, 'port'> => ({
    request: rpc.request(nodeVotes(appListener, voteRoute)),
    http2: directHttp2({
      onRequest: http2Requests({ rpc, voteRoute, app, reads }),
      onError: answerStreamError,
      limits: {
        ageMs: config.maxConnectionAgeMs || Number.POSITIVE_INFINITY,
        // Behind a proxy, all clients have the proxy's address.
        ...(isBehindProxy(config.trustProxy) && { penaltyMs: 0 }),
      },
    }),
    votes: (handOver) => http1Votes(voteRoute, handOver),
  });
  const framework = (): Omit<ListenerOptions, 'port'> => {
    const request = rpc.request(appListener);
    return { request, http2: frameworkHttp2(request, config.maxConnectionAgeMs) };
  };
  const listener = await listenOnPort('PORT', config.port, () =>
    openListener({
      ...(config.ingress === 'direct' ? direct() : framework()),
      ...(config.host !== '' && { host: config.host }),
      port: config.port,
      reads,
    }),
  );
  edgeLog.info(
    { name: config.name, pid: process.pid },
    `Edge listens on http://localhost:${listener.port} (HTTP, gRPC, gRPC-Web, Connect)`,
  );
  return {
    edge,
    port: listener.port,
    async stop(graceMs) {
      const closed = listener.close(graceMs);
      rpc.stop();
      http.live.stop();
      // An open connection may still send one vote, which is accepted like any other.
      await closed;
      await edge.drain();
      rpc[Symbol.dispose]();
    },
  };
}

function isBehindProxy(trust: ProxyTrust): boolean {
  return 'networks' in trust || trust.hops > 0;
}
