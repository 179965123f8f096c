import { beforeEach, expect, test } from 'vitest';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { ensurePartition } from '../deployment/partition.ts';
import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { countedByKey, rulesKey, streamKey, TALLY_GROUP } from '../streams/keys.ts';
import { readCountedBy } from './counted-by.ts';
import { createTally, type TallyEntry } from './tally.ts';

let redis: Redis;
useTestRedis((started) => {
  redis = started.redis;
});

beforeEach(async () => {
  await redis.send(undefined, ['FLUSHALL']);
  await ensurePartition(redis, 0);
  await redis.send(rulesKey(0), ['HSET', rulesKey(0), 'bands', 'open 0 0']);
});

const consumer = (name: string) =>
  createTally({ redis, consumer: name, voteIdWindowHours: 24, ruleOf: () => 'open' as const });

/** Adds entries of one vote and delivers them. */
async function deliver(from: number, to: number): Promise<TallyEntry[]> {
  const key = streamKey(0);
  const entries: TallyEntry[] = [];
  for (let ms = from; ms <= to; ms++) {
    const id = { ms, n: 0 };
    const vote = { contest: 'bands', choice: 'alux', voter: Buffer.alloc(16), voteId: '', sequence: 0 };
    entries.push({ id, position: id, notify: false, votes: [vote] });
    await redis.send(key, ['XADD', key, `${ms}-0`, 'b', 'x']);
  }
  await redis.send(key, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'c', 'COUNT', '9999', 'STREAMS', key, '>']);
  return entries;
}

const countedBy = (ms: number) => readCountedBy(redis, { partition: 0, epoch: '', entryId: `${ms}-0`, index: 0 });
const countedByAll = (from: number, to: number) =>
  Promise.all(Array.from({ length: to - from + 1 }, (_, i) => countedBy(from + i)));

test('the record names the consumer of each entry, even if another one claimed entries in between', async () => {
  const entries = await deliver(1, 9);
  const claimed = entries.filter(({ id }) => id.ms === 3 || id.ms === 6);
  await consumer('second').count(0, claimed, true);
  await consumer('first').count(0, entries);
  expect(await countedByAll(1, 9)).toStrictEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((ms) => (ms === 3 || ms === 6 ? 'second' : 'first')),
  );
});

test('an uncounted entry has no consumer, and a repeated call does not change the consumer', async () => {
  const entries = await deliver(1, 2);
  expect(await countedBy(1)).toBe(undefined);
  await consumer('first').count(0, entries);
  await consumer('second').count(0, entries);
  expect(await countedByAll(1, 3)).toStrictEqual(['first', 'first', undefined]);
  // Only calls that count at least one entry write a record.
  expect(await redis.send(countedByKey(0), ['XLEN', countedByKey(0)])).toBe(1);
});

test('the record of claimed entries excludes the entries between them', async () => {
  const entries = await deliver(1, 5);
  await consumer('first').count(
    0,
    entries.filter(({ id }) => id.ms % 2 === 1),
    true,
  );
  expect(await countedByAll(1, 5)).toStrictEqual(['first', undefined, 'first', undefined, 'first']);
});

test('finds a replayed dead letter by its original position', async () => {
  const [one, two, three] = await deliver(11, 13);
  if (one === undefined || two === undefined || three === undefined) throw new Error('three entries were added');
  await consumer('first').count(0, [one, { ...two, position: { ms: 5, n: 0 } }, three]);
  expect([await countedBy(5), ...(await countedByAll(11, 13))]).toStrictEqual(['first', 'first', undefined, 'first']);
});

test('the record is bounded', async () => {
  const entries = await deliver(1, 8600);
  const tally = consumer('first');
  for (let at = 0; at < entries.length; at += 64) {
    await Promise.all(entries.slice(at, at + 64).map((entry) => tally.count(0, [entry])));
  }
  const kept = await redis.send(countedByKey(0), ['XLEN', countedByKey(0)], parseInteger);
  expect(kept).toBeGreaterThanOrEqual(8192);
  expect(kept).toBeLessThan(8500);
  expect(await countedByAll(1, 1)).toStrictEqual([undefined]);
});
