import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, expect, test } from 'vitest';
import { PARTITIONS, TestPool } from '../../consumer/testing/test-pool.ts';
import { startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { openContestStore } from '../contests/open-contest-store.ts';
import { readLedger } from '../monitoring/ledger.ts';
import { parseText } from '../redis/replies.ts';
import { tallyKey } from '../streams/keys.ts';

const contest = { id: 'lunch', title: 'Lunch', rule: 'one-per-voter', options: [{ id: 'soup' }, { id: 'salad' }] };

test('after FLUSHALL, votes are accepted again, a voter is recognized, and a recount restores every vote', async () => {
  await using pool = await TestPool.start();
  const env = { REDIS_URL: pool.server.url, DATA_DIR: pool.dir };
  await using edge = await startEdgeProcess('node', env);
  for (let n = 0; n < 2; n++) pool.startConsumer();
  {
    await using contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
    assert((await contests.create(contest)).ok);
  }
  const acknowledged = new Set<string>();
  const cast = async (voter: string, choice = 'soup') => {
    const answer = await fetch(`${edge.httpUrl}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contest: contest.id, choice, voter }),
    });
    await answer.arrayBuffer();
    if (answer.status === 202) acknowledged.add(voter);
    return answer.status;
  };
  await waitFor(async () => (await cast('ana')) === 202, { what: 'the edge knows the contest', timeoutMs: 20_000 });
  for (let n = 0; n < 50; n++) await cast(`before-${n}`);
  // FLUSHALL deletes votes that are only in the stream, so all of them must be logged first.
  await pool.until('the log', async () => (await readLedger(pool.redis, PARTITIONS)).open === 0);

  let isLoaded = true;
  const statuses: number[] = [];
  const load = async () => {
    for (let n = 0; isLoaded; n++) {
      statuses.push(await cast(`after-${n}`));
      await delay(2);
    }
  };
  await pool.redis.send(undefined, ['FLUSHALL']);
  const flushed = performance.now();
  const loading = load();
  await waitFor(() => statuses.includes(202), { what: 'votes are accepted again', timeoutMs: 20_000 });
  expect(performance.now() - flushed).toBeLessThan(10_000);
  expect(statuses.filter((status) => status !== 202 && status !== 503)).toStrictEqual([]);
  expect(await cast('ana', 'salad'), 'the same voter').toBe(202);
  isLoaded = false;
  await loading;
  await pool.until('rest', async () => (await readLedger(pool.redis, PARTITIONS)).open === 0);

  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../cli/main.ts'), 'recount', '--all', '--apply'],
    {
      env: { ...process.env, ...env, MONGODB_URL: '' },
      stdio: 'ignore',
    },
  );
  expect((await once(child, 'close'))[0]).toBe(0);
  const counts = { soup: 0, salad: 0, voters: 0 };
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const read = async (field: string) => {
      const key = tallyKey(partition, contest.id);
      return Number(
        await pool.redis.send(key, ['HGET', key, field], (reply) => (reply === null ? '0' : parseText(reply))),
      );
    };
    counts.soup += await read('soup');
    counts.salad += await read('salad');
    counts.voters += await read(':voters');
  }
  expect(counts).toStrictEqual({ soup: acknowledged.size - 1, salad: 1, voters: acknowledged.size });
}, 90_000);
