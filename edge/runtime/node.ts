import { getRequestListener } from '@hono/node-server';
import { listenOnPort } from '../../config/listen-port.ts';
import { readEdgeConfig } from '../config.ts';
import { openEdge } from '../edge.ts';
import { createEdgeRpc } from '../grpc/edge-rpc.ts';
import { createApp, createEdgeHttp } from '../http/app.ts';
import { createEdgeMetrics } from '../http/metrics.ts';
import { nodeVotes } from '../http/votes/node-votes.ts';
import { openListener } from '../listen/listener.ts';
import { runEdge } from './run-edge.ts';

/** The edge on Node: HTTP/1.1, h2c, gRPC, gRPC-Web and Connect on one port. */
await runEdge(async () => {
  const config = readEdgeConfig(process.env);
  const edge = await openEdge(config);
  const http = createEdgeHttp(edge, createEdgeMetrics(edge));
  const rpc = createEdgeRpc(edge);
  // The adapter's own Request and Response stay local to it: the global ones are not patched.
  const app = getRequestListener(createApp(http).fetch, { overrideGlobalObjects: false });
  const request = config.ingress === 'direct' ? nodeVotes(app, http.voteRoute) : app;
  const listener = await listenOnPort('PORT', config.port, () =>
    openListener({
      ...(config.host !== '' && { host: config.host }),
      port: config.port,
      stream: rpc.stream,
      request: rpc.request(request),
    }),
  );
  console.log(`edge ${config.name} listens on http://localhost:${listener.port} (HTTP, gRPC, gRPC-Web, Connect)`);
  return {
    edge,
    async stop(graceMs) {
      const closed = listener.close(graceMs);
      rpc.stop();
      await edge.drain();
      await closed;
      rpc[Symbol.dispose]();
    },
  };
});
