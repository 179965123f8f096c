import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openContestStore } from '../../store/contests/contests.ts';
import { openRedis } from '../../store/redis/redis.ts';
import type { Results } from '../../store/tally/results.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { startEdgeProcess } from '../testing/edge-process.ts';

const HOUR_MS = 3_600_000;
/** Imported first by an edge, so that its clock is an hour ahead. */
const AHEAD = encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${HOUR_MS}`);

test('an edge with a wrong clock accepts votes and shows status by the clock of Redis', async () => {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-clock-'));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const server = opened.use(await startRedisServer({ dir }));
  const redis = opened.use(openRedis({ urls: [server.url], name: 'test' }));
  await redis.whenReady();
  const contests = opened.use(await openContestStore({ redis, partitions: 4 }));
  await contests.update('bandas', { closesAt: new Date(Date.now() + HOUR_MS / 2).toISOString() });
  const env = { REDIS_URL: server.url, DATA_DIR: dir, NODE_OPTIONS: `--import=data:text/javascript,${AHEAD}` };
  const edge = opened.use(await startEdgeProcess('node', env));

  const vote = await fetch(`${edge.httpUrl}/v1/votes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contest: 'bandas', choice: 'alux-nahual', voter: 'ana' }),
  });
  expect(vote.status).toBe(202);
  for (const path of ['', '/results']) {
    const answer = await fetch(`${edge.httpUrl}/v1/contests/bandas${path}`);
    expect(((await answer.json()) as Results).status, path).toBe('open');
  }
});
