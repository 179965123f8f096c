import { expect, test } from 'vitest';
import type { Consumer } from '../consumer.ts';
import { startStatusServer } from './status-server.ts';

test('serves only health, readiness and metrics', async () => {
  const consumer = {
    ready: true,
    totals: { counted: 7, logged: 6, dead: 1, lost: 0, conflicts: 0 },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const build = { version: '1.0.0', commit: 'abc', runtime: 'node 24' };
  await using server = await startStatusServer(consumer as Consumer, 0, build);
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  expect(await get('/healthz')).toStrictEqual({ status: 200, text: 'ok\n' });
  expect((await get('/readyz?x=1')).status).toBe(200);
  consumer.ready = false;
  // Without Redis, the consumer waits: it is alive but not ready.
  expect((await get('/readyz')).status).toBe(503);
  expect((await get('/healthz')).status).toBe(200);
  const { text } = await get('/metrics');
  expect(text).toMatch(/^votewire_consumer_votes_counted_total 7$/m);
  expect(text).toMatch(/^votewire_consumer_ready 0$/m);
  expect(text).toMatch(/^votewire_build_info\{version="1.0.0",commit="abc",runtime="node 24"\} 1$/m);
  for (const line of text.split('\n')) expect(line).toMatch(/^$|^# (HELP|TYPE) .+|^[a-z_]+(\{.+\})? [0-9.]+$/);
  expect((await get('/other')).status).toBe(404);
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
});
