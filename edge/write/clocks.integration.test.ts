import { expect, test } from 'vitest';
import { openContestStore } from '../../store/contests/open-contest-store.ts';
import { parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import type { Results } from '../../store/tally/results.ts';
import { startTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { startEdgeProcess } from '../testing/edge-process.ts';

const HOUR_MS = 3_600_000;
/** A module that an edge imports first, so that its clock is an hour ahead. */
const AHEAD = encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${HOUR_MS}`);

test("an edge with a wrong clock uses Redis's clock to accept votes and show status", async () => {
  await using opened = new AsyncDisposableStack();
  const { redis, server, dir } = opened.use(await startTestRedis());
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

test("after Redis's clock was set back, an edge applies opening hours to the ids that the tally will see", async () => {
  await using opened = new AsyncDisposableStack();
  const { redis, server, dir } = opened.use(await startTestRedis());
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
  // One stream got an id while the clock was ahead; its next ids cannot be lower.
  const key = streamKey(1);
  await redis.send(key, ['XADD', key, `${Date.now() + HOUR_MS}-0`, 'b', '']);
  const next = await redis.send(key, ['XADD', key, '*', 'b', ''], parseText);
  expect(Number.parseInt(next, 10)).toBeGreaterThan(Date.now() + HOUR_MS / 2);
  await waitFor(async () => (await cast('bandas', 'alux-nahual')) === 409, {
    what: 'the contest is closed by the ids',
  });
  // Votes in other partitions would still get ids from before the opening.
  expect(await cast('cats-vs-dogs', 'cats')).toBe(409);
  await waitFor(() => /Redis's clock was set back/.test(edge.output()), { what: 'the edge warns' });
});
