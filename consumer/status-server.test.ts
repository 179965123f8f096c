import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Consumer } from './consumer.ts';
import { startStatusServer } from './status-server.ts';

test('health, readiness and metrics; nothing else', async () => {
  const consumer = {
    ready: true,
    totals: { counted: 7, logged: 6, dead: 1, lost: 0, conflicts: 0 },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using server = await startStatusServer(consumer as Consumer, 0);
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  assert.deepEqual(await get('/healthz'), { status: 200, text: 'ok\n' });
  assert.equal((await get('/readyz?x=1')).status, 200);
  consumer.ready = false;
  // Without Redis there is nothing to do but to wait: alive, and not ready.
  assert.equal((await get('/readyz')).status, 503);
  assert.equal((await get('/healthz')).status, 200);
  const { text } = await get('/metrics');
  assert.match(text, /^votewire_consumer_votes_counted_total 7$/m);
  assert.match(text, /^votewire_consumer_ready 0$/m);
  for (const line of text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) .+|[a-z_]+ [0-9.]+)$/);
  assert.equal((await get('/other')).status, 404);
  assert.equal((await get('/metrics', { method: 'POST' })).status, 405);
});
