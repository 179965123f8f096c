import process from 'node:process';
import { listenOnPort } from '../../config/listen-port.ts';
import { readEdgeConfig } from '../config.ts';
import { openEdge } from '../edge.ts';
import { createEdgeRpc } from '../grpc/edge-rpc.ts';
import { createApp, createEdgeHttp } from '../http/app.ts';
import { createEdgeMetrics } from '../http/metrics.ts';
import { openListener } from '../listen/listener.ts';
import { runEdge } from './run-edge.ts';

/** The part of Deno used here: its own types would replace Node's in the whole project. */
interface DenoRuntime {
  serve(
    options: { hostname?: string; port: number; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
  ): DenoServer;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

/** The edge on Deno: HTTP on Deno's own server, gRPC on `node:http2` with a port of its own. */
await runEdge(async () => {
  const config = readEdgeConfig(process.env);
  const edge = await openEdge(config);
  const app = createApp(createEdgeHttp(edge, createEdgeMetrics(edge)));
  const rpc = createEdgeRpc(edge);
  const host = config.host === '' ? {} : { host: config.host };
  const listener = await listenOnPort('GRPC_PORT', config.grpcPort, () =>
    openListener({
      ...host,
      port: config.grpcPort,
      stream: rpc.stream,
      request: rpc.request((_req, res) => res.writeHead(404).end()),
    }),
  );
  const { Deno } = globalThis as unknown as { Deno: DenoRuntime };
  const serve = (hostname: string) =>
    Deno.serve({ hostname, port: config.port, onListen: () => undefined }, (request, info) =>
      app.fetch(request, { address: () => info.remoteAddr.hostname }),
    );
  const server = await listenOnPort('PORT', config.port, () =>
    config.host === '' ? serveEverywhere(serve) : serve(config.host),
  );
  console.log(
    `edge ${config.name} listens on http://localhost:${server.addr.port} (HTTP), localhost:${listener.port} (gRPC, gRPC-Web, Connect)`,
  );
  return {
    edge,
    async stop(graceMs) {
      const grace = new Promise<void>((resolve) => setTimeout(resolve, graceMs));
      const closed = Promise.all([listener.close(graceMs), Promise.race([server.shutdown(), grace])]);
      rpc.stop();
      await edge.drain();
      await closed;
      rpc[Symbol.dispose]();
    },
  };
});

/** On every interface, IPv6 and IPv4, as `node:net` listens without an address. */
function serveEverywhere(serve: (hostname: string) => DenoServer): DenoServer {
  try {
    return serve('::');
  } catch {
    // No IPv6, or the port is in use: then this throws again.
    return serve('0.0.0.0');
  }
}
