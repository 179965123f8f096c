import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { type EdgeProcess, startEdgeProcess } from './testing/edge-process.ts';
import { http2Client, keepAliveClient } from './testing/steady-clients.ts';

/** `npm run test:faults` does more (F31b). */
const RESTARTS = 6;

test(`no request of keep-alive and HTTP/2 clients fails during ${RESTARTS} rolling restarts`, {
  timeout: 240_000,
}, async () => {
  await using cleanUp = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-rolling-'));
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = cleanUp.use(await startRedisServer({ dir, port: await freePort() }));
  const ports = [await freePort(), await freePort()];
  const start = (port: number) =>
    startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: dir, PORT: `${port}`, HOST: '127.0.0.1' });
  const edges: EdgeProcess[] = [];
  cleanUp.defer(async () => {
    for (const edge of edges) await edge[Symbol.asyncDispose]();
  });
  for (const port of ports) edges.push(await start(port));
  const clients = [
    ...Array.from({ length: 15 }, () => keepAliveClient(ports, 10)),
    ...Array.from({ length: 15 }, () => keepAliveClient(ports, 50)),
    ...Array.from({ length: 10 }, () => http2Client(ports, 10)),
  ];
  const votes = () => clients.reduce((sum, client) => sum + client.votes, 0);
  for (let i = 0; i < RESTARTS; i++) {
    const before = votes();
    const at = i % 2;
    const { code } = (await edges[at]?.stop()) ?? {};
    expect(code).toBe(0);
    edges[at] = await start(ports[at] ?? 0);
    // Lets some clients connect to the new process before the old one stops.
    await waitFor(() => votes() > before + 200);
  }
  await Promise.all(clients.map((client) => client.stop()));
  expect(clients.flatMap(({ failures }) => failures)).toStrictEqual([]);
  expect(votes()).toBeGreaterThan(RESTARTS * 200);
});
