import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { streamKey, TALLY_GROUP } from '../store/keys.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { readSystem } from '../store/system.ts';
import { PARTITIONS, TestPool } from './test-pool.ts';

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
  assert.equal(ledger.votes.counted, votes);
  await using log = await openLogStore({ mongodbUrl: undefined, dataDir: pool.dir, logTtlDays: 0 });
  assert.equal((await log.totals()).votes, votes);
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
