import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openContestStore } from '../../store/contests/contests.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { startEdgeProcess } from '../testing/edge-process.ts';

const HOUR_MS = 3_600_000;

test('an edge judges opening hours by the ids that the tally will see, after the clock of Redis was set back', async () => {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-clock-'));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const server = opened.use(await startRedisServer({ dir }));
  const redis = opened.use(openRedis({ urls: [server.url], name: 'test' }));
  await redis.whenReady();
  const contests = opened.use(await openContestStore({ redis, partitions: 4 }));
  const inHalfAnHour = new Date(Date.now() + HOUR_MS / 2).toISOString();
  await contests.update('bandas', { closesAt: inHalfAnHour });
  await contests.update('cats-vs-dogs', { opensAt: inHalfAnHour });
  const edge = opened.use(await startEdgeProcess('node', { REDIS_URL: server.url, DATA_DIR: dir, PARTITIONS: '4' }));
  const cast = async (contest: string, choice: string) => {
    const body = JSON.stringify({ contest, choice, voter: 'ana' });
    const answer = await fetch(`${edge.httpUrl}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await cast('bandas', 'alux-nahual')).toBe(202);
  // While the clock was ahead, one stream got an id from it; its next ids cannot be lower.
  const key = streamKey(1);
  await redis.send(key, ['XADD', key, `${Date.now() + HOUR_MS}-0`, 'b', '']);
  const next = await redis.send(key, ['XADD', key, '*', 'b', ''], parseText);
  expect(Number.parseInt(next, 10)).toBeGreaterThan(Date.now() + HOUR_MS / 2);
  await waitFor(async () => (await cast('bandas', 'alux-nahual')) === 409, {
    what: 'the contest is closed by the ids',
  });
  // Votes of other partitions would still get ids from before the opening.
  expect(await cast('cats-vs-dogs', 'cats')).toBe(409);
  await waitFor(() => /clock of Redis was set back/.test(edge.output()), { what: 'the edge warns' });
});
