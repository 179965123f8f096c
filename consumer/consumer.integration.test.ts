import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readSystem } from '../store/monitoring/system.ts';
import { parseInteger, parseText } from '../store/redis/replies.ts';
import { streamKey } from '../store/streams/keys.ts';
import { PARTITIONS, TestPool } from './testing/test-pool.ts';

test('a lost stream gets its groups back and a new epoch, and counting continues', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer();
  await pool.write(4, 0);
  await pool.atRest(4);
  const before = await pool.redis.send('{p0}:epoch', ['GET', '{p0}:epoch'], parseText);
  await pool.redis.send(streamKey(0), ['DEL', streamKey(0), '{p0}:epoch', '{p0}:ledger']);
  await pool.until(
    'the groups are back',
    async () => (await pool.redis.send(streamKey(0), ['EXISTS', streamKey(0)], parseInteger)) === 1,
  );
  await pool.write(6, 0);
  await pool.atRest(6);
  expect(await pool.redis.send('{p0}:epoch', ['GET', '{p0}:epoch'], parseText)).not.toBe(before);
});

test('no votes are lost while Redis is frozen, killed and restarted', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer();
  pool.startConsumer();
  const votes = 1100;
  for (let i = 0; i < 50; i++) await pool.write(10);
  pool.server.process.kill('SIGSTOP');
  // Long enough that reads are in flight during the freeze.
  await delay(700);
  pool.server.process.kill('SIGCONT');
  for (let i = 0; i < 50; i++) await pool.write(10);
  await pool.restartRedis();
  for (let i = 0; i < 10; i++) await pool.write(10);
  await pool.atRest(votes);
});

test('after SIGTERM, a consumer exits within 5 s, has no pending entries, and is removed from the lists', async () => {
  await using pool = await TestPool.start();
  const child = pool.startConsumer();
  for (let i = 0; i < 100; i++) await pool.write(50);
  await pool.until('the first votes', async () => (await pool.tallied()) > 0);
  const start = performance.now();
  await pool.stop(child, 'SIGTERM');
  expect(performance.now() - start).toBeLessThan(5000);
  expect(child.exitCode).toBe(0);
  const { consumers: left, groups } = await readSystem(pool.redis, PARTITIONS);
  expect(left).toStrictEqual([]);
  expect(groups.map(({ pending }) => pending)).toStrictEqual([0, 0]);
});

test('streams are trimmed only after both groups have handled the entries', async () => {
  await using pool = await TestPool.start();
  const tallyOnly = pool.startConsumer({ CONSUMER_GROUPS: 'tally' });
  for (let i = 0; i < 40; i++) await pool.write(5);
  await pool.until('all counted', async () => (await pool.tallied()) === 200);
  const lengths = async () => {
    const { partitions } = await readSystem(pool.redis, PARTITIONS);
    return partitions.reduce((sum, { length }) => sum + length, 0);
  };
  // Longer than one trim interval of the consumer that counts.
  await delay(1500);
  expect(await lengths()).toBe(40);
  pool.startConsumer({ CONSUMER_GROUPS: 'log' });
  await pool.until('trimmed', async () => (await lengths()) === 0);
  await pool.atRest(200);
  expect(tallyOnly.exitCode).toBe(null);
});
