import type { ChildProcess } from 'node:child_process';
import { expect, test } from 'vitest';
import { createRecordingLogger } from '../../log/testing/recording-logger.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { readClaims } from '../../store/monitoring/claims.ts';
import { readSystem } from '../../store/monitoring/system.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { failuresKey, LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { startCuttingProxy } from '../../tests/faults/system/cutting-proxy.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { PARTITIONS, TestPool } from '../testing/test-pool.ts';
import { Claim } from './claim.ts';

test('entries of a killed or paused consumer are claimed, and nothing counts twice', async () => {
  await using pool = await TestPool.start();
  const [first, second, third] = [pool.startConsumer(), pool.startConsumer(), pool.startConsumer()];
  let votes = 0;
  const writeSome = async (entries: number) => {
    for (let i = 0; i < entries; i++) await pool.write(20);
    votes += entries * 20;
  };
  await writeSome(40);
  await pool.until('the first votes', async () => (await pool.tallied()) > 0);
  // Under load, so that entries are pending at the kill or pause.
  const before = await pool.tallied();
  const load = writeSome(400);
  await pool.until('the load is being counted', async () => (await pool.tallied()) > before);
  second?.kill('SIGSTOP');
  first?.kill('SIGKILL');
  await load;
  // Only the tally: a process paused inside a SQLite transaction blocks the log until it resumes.
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

test('entries delivered to a consumer that never returns are claimed within the claim time', async () => {
  await using pool = await TestPool.start();
  await pool.write(7, 1);
  await pool.redis.send(streamKey(1), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', streamKey(1), '>']);
  pool.startConsumer({ CONSUMER_NAME: 'savior' });
  await pool.atRest(7);
  // The record for operators names the consumer that claimed them.
  const claims = await readClaims(pool.redis);
  expect(claims.map(({ by, from, entries }) => ({ by, from, entries }))).toStrictEqual([
    { by: 'savior', from: 'ghost', entries: 1 },
  ]);
  // The ghost has no pending entries and no heartbeat, so it is removed from the group.
  await pool.until('the ghost is gone', async () => {
    const { partitions } = await readSystem(pool.redis, PARTITIONS);
    const names = partitions[1]?.groups.flatMap(({ consumers }) => consumers.map(({ name }) => name));
    return names?.includes('ghost') === false;
  });
});

test('a consumer that restarts under its name handles its pending entries without waiting for the claim time', async () => {
  await using pool = await TestPool.start();
  await pool.write(5, 2);
  await pool.redis.send(streamKey(2), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'steady', 'STREAMS', streamKey(2), '>']);
  pool.startConsumer({ CONSUMER_NAME: 'steady', CLAIM_IDLE_MS: '3600000' });
  await pool.atRest(5);
});

test('a lost connection while an entry is handled does not count as a crash of the consumer', async () => {
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
      // All further commands are lost, including the one that removes the crash mark.
      proxy.judge = () => 'cut-before';
      throw new Error('lost');
    },
  } as const;
  const dead: string[] = [];
  const claim = new Claim(
    {
      ...{ redis, partitions: 1, consumer: 'c1', claimIdleMs: 60_000, maxDeliveries, handler },
      deployment: { repair: () => expect.unreachable('no stream is missing') },
      log: createRecordingLogger().log,
      onFailed: ({ reason }) => dead.push(reason),
      onLost: () => undefined,
    },
    async () => undefined,
  );
  const delivery = {
    partition: 0,
    entries: [{ id, bytes: Buffer.from('x'), replay: undefined, traceparents: undefined }],
  };
  await waitFor(
    async () => {
      proxy.judge = () => 'forward';
      await redis.whenReady();
      return claim.redeliver(delivery).then(
        () => true,
        () => false,
      );
    },
    { what: 'the entry is handled', timeoutMs: 15_000 },
  );
  expect(dead).toStrictEqual([]);
  expect(tries).toBe(2 * maxDeliveries + 1);
  expect(await pool.redis.send(key, ['EXISTS', failuresKey(0)]), 'no crash mark is left').toBe(0);
});
