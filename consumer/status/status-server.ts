import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { BuildInfo } from '../../telemetry/metrics/build-info.ts';
import type { Consumer } from '../consumer.ts';
import { createConsumerMetrics } from './metrics.ts';

/** Serves /healthz, /readyz and /metrics. */
interface StatusServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts the server; port 0: any free port. */
export async function startStatusServer(consumer: Consumer, port: number, build: BuildInfo): Promise<StatusServer> {
  const metrics = createConsumerMetrics(consumer, build);
  const server = createServer((request, response) => void answer(request, response, { consumer, metrics }));
  server.headersTimeout = 3000;
  server.requestTimeout = 5000;
  server.listen(port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { consumer, metrics }: { readonly consumer: Consumer; readonly metrics: Registry },
): Promise<void> {
  const text = { 'content-type': 'text/plain' };
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  } else if (path === '/healthz') {
    // Healthy without Redis: this process waits for it and must not be restarted.
    response.writeHead(200, text).end('ok\n');
  } else if (path === '/readyz') {
    const { ready } = consumer;
    response.writeHead(ready ? 200 : 503, text).end(ready ? 'ready\n' : 'Redis does not answer\n');
  } else if (path === '/metrics') {
    response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.metrics());
  } else {
    response.writeHead(404, text).end('not found\n');
  }
}
