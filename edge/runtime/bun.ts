import { listenOnPort } from '../../config/listen-port.ts';
import { readEdgeConfig } from '../config.ts';
import { openEdge } from '../edge.ts';
import { createEdgeRpc } from '../grpc/edge-rpc.ts';
import { createApp, createEdgeHttp } from '../http/app.ts';
import { createEdgeMetrics } from '../http/metrics.ts';
import { openH2Listener } from '../listen/http2-listener.ts';
import { runEdge } from './run-edge.ts';

/** The part of Bun used here: its own types would replace Node's in the whole project. */
interface BunRuntime {
  serve(options: {
    hostname?: string;
    port: number;
    idleTimeout: number;
    maxRequestBodySize: number;
    fetch(request: Request, server: BunServer): Response | Promise<Response>;
  }): BunServer;
}

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { address: string } | null;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

/** The edge on Bun: HTTP on Bun's own server, gRPC on `node:http2` with a port of its own. */
await runEdge(async () => {
  const config = readEdgeConfig(process.env);
  const edge = await openEdge(config);
  const app = createApp(createEdgeHttp(edge, createEdgeMetrics(edge)));
  const rpc = createEdgeRpc(edge);
  const host = config.host === '' ? {} : { host: config.host };
  const listener = await listenOnPort('GRPC_PORT', config.grpcPort, () =>
    openH2Listener({
      ...host,
      port: config.grpcPort,
      stream: rpc.stream,
      request: rpc.request((_req, res) => res.writeHead(404).end()),
    }),
  );
  const { Bun } = globalThis as unknown as { Bun: BunRuntime };
  const server = await listenOnPort('PORT', config.port, () =>
    Bun.serve({
      ...(config.host !== '' && { hostname: config.host }),
      port: config.port,
      idleTimeout: 65,
      // Above the largest batch, so that the route answers larger bodies itself.
      maxRequestBodySize: 2 * 1024 * 1024,
      fetch: (request, bun) => app.fetch(request, { address: () => bun.requestIP(request)?.address ?? '' }),
    }),
  );
  console.log(
    `edge ${config.name} listens on http://localhost:${server.port} (HTTP), localhost:${listener.port} (gRPC, gRPC-Web, Connect over HTTP/2)`,
  );
  return {
    edge,
    async stop(graceMs) {
      const closed = Promise.all([listener.close(graceMs), server.stop()]);
      rpc.stop();
      await edge.drain();
      const cut = setTimeout(() => void server.stop(true), graceMs);
      await closed;
      clearTimeout(cut);
      rpc[Symbol.dispose]();
    },
  };
});
