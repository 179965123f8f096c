import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import type { EdgeProcess } from '../testing/edge-process.ts';
import { testIngress } from '../testing/ingress-suite.ts';
import { httpClient, type SuiteClient } from '../testing/suite-clients.ts';
import { createWorker } from './worker.ts';

testIngress('A fetch-only worker in front of an edge', {
  runtime: 'node',
  clients: { HTTP: connectToWorker },
});

async function connectToWorker(edge: EdgeProcess): Promise<SuiteClient> {
  // The suite changes contests: the worker must not cache them for long.
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
}

test('a worker whose upstream is down answers that the outcome is unknown', async () => {
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
