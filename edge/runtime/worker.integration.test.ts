import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import { testIngress } from '../testing/ingress-suite.ts';
import { httpClient } from '../testing/suite-clients.ts';
import { createWorker } from './worker.ts';

testIngress('a fetch-only worker before an edge', {
  runtime: 'node',
  async connect(edge) {
    // A short life of the contests: the suite changes them.
    const worker = createWorker({ codec: loadModule('codec'), upstream: edge.httpUrl, contestsMs: 50 });
    const server = createServer(getRequestListener(worker.fetch, { overrideGlobalObjects: false })).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const client = httpClient({ httpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    return {
      ...client,
      [Symbol.dispose]() {
        client[Symbol.dispose]();
        server.close();
      },
    };
  },
});

test('a worker whose edge is away says that the outcome is unknown', async () => {
  const worker = createWorker({ codec: loadModule('codec'), upstream: 'http://127.0.0.1:9' });
  const request = new Request('http://worker/v1/votes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}',
  });
  const response = await worker.fetch(request);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect((await response.json()).code).toBe('store_unavailable');
});
