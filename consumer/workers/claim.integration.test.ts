import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { readSystem } from '../../store/monitoring/system.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { failuresKey, LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { startCuttingProxy } from '../../tests/faults/system/cutting-proxy.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { PARTITIONS, TestPool } from '../testing/test-pool.ts';
import { Claim } from './claim.ts';

test('what a consumer that was killed or paused left is taken over, and nothing counts twice', async () => {
  await using pool = await TestPool.start();
  const [first, second, third] = [pool.startConsumer(), pool.startConsumer(), pool.startConsumer()];
  let votes = 0;
  const writeSome = async (entries: number) => {
    for (let i = 0; i < entries; i++) await pool.write(20);
    votes += entries * 20;
  };
  await writeSome(40);
  await pool.until('the first votes', async () => (await pool.tallied()) > 0);
  // Under load, so that something is on its way when it happens.
  const load = writeSome(400);
  await delay(30);
  second?.kill('SIGSTOP');
  first?.kill('SIGKILL');
  await load;
  // The count alone: a process that is paused inside a transaction of SQLite holds up the log until it wakes.
  await pool.until('all counted', async () => (await pool.tallied()) === votes);
  second?.kill('SIGCONT');
  await writeSome(40);
  await pool.stop(third as ChildProcess, 'SIGTERM');
  await writeSome(40);
  const ledger = await pool.atRest(votes);
  expect(ledger.votes.counted).toBe(votes);
  await using log = await openLogStore({ mongodbUrl: undefined, dataDir: pool.dir, logTtlDays: 0 });
  expect((await log.totals()).votes).toBe(votes);
});

test('entries that were handed out to a consumer that never came back are taken over within the claim time', async () => {
  await using pool = await TestPool.start();
  await pool.write(7, 1);
  await pool.redis.send(streamKey(1), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', streamKey(1), '>']);
  pool.startConsumer();
  await pool.atRest(7);
  // The ghost has nothing left and never gave a sign of life: its name goes.
  await pool.until('the ghost is gone', async () => {
    const { partitions } = await readSystem(pool.redis, PARTITIONS);
    const names = partitions[1]?.groups.flatMap(({ consumers }) => consumers.map(({ name }) => name));
    return names?.includes('ghost') === false;
  });
});

test('a consumer that comes back under its name handles what it had, without waiting for the claim time', async () => {
  await using pool = await TestPool.start();
  await pool.write(5, 2);
  await pool.redis.send(streamKey(2), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'steady', 'STREAMS', streamKey(2), '>']);
  pool.startConsumer({ CONSUMER_NAME: 'steady', CLAIM_IDLE_MS: '3600000' });
  await pool.atRest(5);
});

test('an entry whose handling met lost connections is not taken for one that ends consumers', async () => {
  await using pool = await TestPool.start();
  await using proxy = await startCuttingProxy(pool.server);
  const url = `redis://127.0.0.1:${proxy.port}`;
  await using redis = openRedis({ urls: [url], name: 'suspicious', onError: () => undefined });
  const key = streamKey(0);
  const maxDeliveries = 3;
  const id = String(await pool.redis.send(key, ['XADD', key, '*', 'b', 'x']));
  await pool.redis.send(key, ['XREADGROUP', 'GROUP', LOG_GROUP, 'c1', 'STREAMS', key, '>']);
  const often = ['RETRYCOUNT', `${maxDeliveries + 1}`];
  await pool.redis.send(key, ['XCLAIM', key, LOG_GROUP, 'c1', '0', id, ...often]);
  let tries = 0;
  const handler = {
    group: LOG_GROUP,
    readEveryMs: 0,
    async handle() {
      if (++tries > 2 * maxDeliveries) return;
      // What is asked of Redis from here on, the mark's removal too, gets lost.
      proxy.judge = () => 'cut-before';
      throw new Error('lost');
    },
  } as const;
  const dead: string[] = [];
  const takeover = new Claim(
    {
      ...{ redis, partitions: 1, consumer: 'c1', claimIdleMs: 60_000, maxDeliveries, handler },
      deployment: { repair: () => expect.unreachable('no stream is missing') },
      onDead: (reason) => dead.push(reason),
      onAlarm: () => undefined,
    },
    async () => undefined,
  );
  const delivery = { partition: 0, entries: [{ id, bytes: Buffer.from('x'), replay: undefined }] };
  await waitFor(
    async () => {
      proxy.judge = () => 'forward';
      await redis.whenReady();
      return takeover.handleAgain(delivery).then(
        () => true,
        () => false,
      );
    },
    { what: 'it is handled', timeoutMs: 15_000 },
  );
  expect(dead).toStrictEqual([]);
  expect(tries).toBe(2 * maxDeliveries + 1);
  expect(await pool.redis.send(key, ['EXISTS', failuresKey(0)]), 'a mark was left').toBe(0);
});
