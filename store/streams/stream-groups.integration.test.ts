import fc from 'fast-check';
import { assert, beforeEach, expect, test } from 'vitest';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { ensurePartition } from '../deployment/partition.ts';
import { addIntake, readLedger } from '../monitoring/ledger.ts';
import { readSystem } from '../monitoring/system.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, tupleOf } from '../redis/replies.ts';
import { readEntryState, readVoteOutcome } from '../tally/receipt-status.ts';
import { createTally } from '../tally/tally.ts';
import { deadLetterEntries, type FailedEntry, listDeadLetters, replayDeadLetter } from './dead-letters.ts';
import { deadKey, LOG_GROUP, ledgerKey, rulesKey, streamKey, TALLY_GROUP } from './keys.ts';
import { acknowledge, removeConsumer, trim } from './stream-groups.ts';

const stream = streamKey(0);
let epoch: string;

let redis: Redis;
useTestRedis((started) => {
  ({ redis } = started);
});

beforeEach(async () => {
  await redis.send(undefined, ['FLUSHALL']);
  epoch = await ensurePartition(redis, 0);
});

const add = (id: string, bytes = 'x') => redis.send(stream, ['XADD', stream, id, 'b', bytes]);
const read = (group: string, count: number, consumer = 'c') =>
  redis.send(stream, ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', `${count}`, 'STREAMS', stream, '>']);
const ids = async () =>
  (await redis.send(stream, ['XRANGE', stream, '-', '+'], listOf(tupleOf(parseText)))).map(([id]) => id);

const anyProgress = fc.record({
  entries: fc.integer({ min: 0, max: 30 }),
  tally: fc.record({ delivered: fc.nat(30), done: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }) }),
  log: fc.record({ delivered: fc.nat(30), done: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }) }),
});

test('trimming removes exactly the entries before the first unhandled one of any group', async () => {
  await fc.assert(
    fc.asyncProperty(anyProgress, async ({ entries, tally, log }) => {
      await redis.send(undefined, ['FLUSHALL']);
      await ensurePartition(redis, 0);
      const all = Array.from({ length: entries }, (_, i) => `${1000 + Math.floor(i / 3)}-${i % 3}`);
      for (const id of all) await add(id);
      const isDone = new Map(all.map((id) => [id, 0]));
      for (const [group, { delivered, done }] of [
        [TALLY_GROUP, tally],
        [LOG_GROUP, log],
      ] as const) {
        // COUNT 0 would read all entries.
        if (delivered > 0) await read(group, delivered);
        for (const [i, id] of all.slice(0, delivered).entries()) {
          if (!done[i]) continue;
          await redis.send(stream, ['XACK', stream, group, id]);
          isDone.set(id, (isDone.get(id) ?? 0) + 1);
        }
      }
      const removed = await trim(redis, 0, 0);
      const first = all.findIndex((id) => isDone.get(id) !== 2);
      const expected = first < 0 ? [] : all.slice(first);
      expect(await ids()).toStrictEqual(expected);
      expect(removed).toBe(all.length - expected.length);
    }),
    { numRuns: 80 },
  );
});

test('trimming keeps recent entries, and everything if a group is missing', async () => {
  await add('*');
  for (const group of [TALLY_GROUP, LOG_GROUP]) {
    await read(group, 9);
    await redis.send(stream, ['XACK', stream, group, ...(await ids())]);
  }
  expect(await trim(redis, 0, 60_000)).toBe(0);
  await redis.send(stream, ['XGROUP', 'DESTROY', stream, LOG_GROUP]);
  expect(await trim(redis, 0, 0)).toBe(-1);
  expect((await ids()).length).toBe(1);
});

test('repeated acknowledgements add an entry to the ledger once', async () => {
  await add('1-0');
  await add('2-0');
  await read(LOG_GROUP, 9);
  const done = { partition: 0, group: LOG_GROUP, column: 'logged' } as const;
  expect(await acknowledge(redis, { ...done, entries: [{ id: '1-0', votes: 3 }] })).toBe(1);
  const both = [
    { id: '1-0', votes: 3 },
    { id: '2-0', votes: 4 },
    { id: '9-0', votes: 5 },
  ];
  expect(await acknowledge(redis, { ...done, entries: both })).toBe(1);
  expect(await acknowledge(redis, { ...done, entries: both })).toBe(0);
  const { entries, votes } = await readLedger(redis, 1);
  expect([entries.logged, votes.logged]).toStrictEqual([2, 7]);
});

test('does not remove a consumer with pending entries', async () => {
  await add('1-0');
  await read(LOG_GROUP, 9, 'holder');
  await read(TALLY_GROUP, 9, 'other');
  expect(await removeConsumer(redis, 0, LOG_GROUP, 'holder')).toBe(false);
  await redis.send(stream, ['XACK', stream, LOG_GROUP, '1-0']);
  expect(await removeConsumer(redis, 0, LOG_GROUP, 'holder')).toBe(true);
  expect(await removeConsumer(redis, 0, LOG_GROUP, 'holder')).toBe(false);
});

const failed: FailedEntry = { partition: 0, group: TALLY_GROUP, id: '1-0', reason: 'not now', limit: 3, votes: 2 };

test('dead-letters an entry with its bytes once, at its third failure; a replay removes the dead letter', async () => {
  await add('1-0', 'bytes\nof it');
  expect(await deadLetterEntries(redis, failed)).toBe('gone');
  await read(TALLY_GROUP, 9);
  expect(await deadLetterEntries(redis, failed)).toBe('retry');
  expect(await deadLetterEntries(redis, failed)).toBe('retry');
  expect((await listDeadLetters(redis, 0)).length).toBe(0);
  expect(await deadLetterEntries(redis, { ...failed, reason: 'never' })).toBe('dead');
  expect(await deadLetterEntries(redis, failed)).toBe('gone');
  const letter = (await listDeadLetters(redis, 0))[0];
  assert(letter);
  expect(letter.bytes.toString()).toBe('bytes\nof it');
  expect((await readLedger(redis, 1)).votes.dead).toBe(2);
  expect([letter.reason, letter.failures, letter.deliveries, letter.votes]).toStrictEqual(['never', 3, 1, 2]);
  expect((await readEntryState(redis, { partition: 0, epoch, entryId: '1-0', index: 0 })).state).toBe('dead');

  const again = await replayDeadLetter(redis, letter);
  expect(await replayDeadLetter(redis, letter)).toBe(undefined);
  expect((await readLedger(redis, 1)).votes.dead).toBe(0);
  expect(await redis.send(stream, ['XRANGE', stream, `${again}`, `${again}`])).toStrictEqual([
    [again, ['b', 'bytes\nof it', 'replay', 'tally 1-0']],
  ]);
  expect(await redis.send(deadKey(0), ['HLEN', deadKey(0)])).toBe(0);
});

test('with an invalid ledger, dead-lettering fails before it claims the entry', async () => {
  await add('1-0');
  await read(TALLY_GROUP, 9);
  await redis.send(ledgerKey(0), ['HSET', ledgerKey(0), 'dead-tally', 'many']);
  await expect(deadLetterEntries(redis, { ...failed, limit: 1 })).rejects.toThrow(/CORRUPT/);
  expect((await readSystem(redis, 1)).groups.find(({ name }) => name === TALLY_GROUP)?.pending).toBe(1);
});

test('a receipt reports the state of its vote in the stream, after the count and after trimming', async () => {
  const pets = { id: 'pets', rule: 'one-per-voter' } as const;
  const bands = { id: 'bands', rule: 'open' } as const;
  await redis.send(rulesKey(0), ['HSET', rulesKey(0), 'pets', 'one-per-voter 0 5000', 'bands', 'open 0 5000']);
  const voter = Buffer.alloc(16, 1);
  const tally = createTally({
    redis,
    voteIdWindowHours: 24,
    ruleOf: (id) => (id === 'pets' ? 'one-per-voter' : 'open'),
  });
  const state = async (entryId: string) =>
    (await readEntryState(redis, { partition: 0, epoch, entryId, index: 0 })).state;
  const count = async (ms: number) => {
    const votes = [
      { contest: 'pets', choice: 'cats', voter, voteId: '', sequence: 0 },
      { contest: 'bands', choice: 'tona', voter, voteId: 'i', sequence: 0 },
      { contest: 'bands', choice: 'tona', voter, voteId: '', sequence: 0 },
    ];
    await tally.count(0, [{ id: { ms, n: 0 }, position: { ms, n: 0 }, notify: false, votes }]);
  };
  const outcomes = (entryId: string) =>
    Promise.all(
      [pets, bands, bands].map((contest, index) =>
        readVoteOutcome(
          redis,
          contest,
          { partition: 0, entryId, index },
          { voter, voteId: ['', 'i', ''][index] ?? '', voteIdWindowHours: 24 },
        ),
      ),
    );

  for (const id of ['1000-0', '2000-0', '6000-0']) await add(id, 'bytes');
  expect(await state('1000-0')).toBe('queued');
  await read(TALLY_GROUP, 9);
  expect(await state('1000-0')).toBe('queued');
  await count(1000);
  expect(await state('1000-0')).toBe('settled');
  expect(await outcomes('1000-0')).toStrictEqual(['counted', 'counted', 'counted']);
  await count(2000);
  expect(await outcomes('1000-0')).toStrictEqual(['superseded', 'counted', 'counted']);
  expect(await outcomes('2000-0')).toStrictEqual(['counted', 'duplicate', 'counted']);
  await count(6000);
  expect(await outcomes('6000-0')).toStrictEqual(['late', 'late', 'late']);
  expect((await readEntryState(redis, { partition: 0, epoch, entryId: '2000-0', index: 1 })).bytes?.toString()).toBe(
    'bytes',
  );

  await read(LOG_GROUP, 9);
  await acknowledge(redis, { partition: 0, group: LOG_GROUP, column: 'logged', entries: [{ id: '1000-0', votes: 3 }] });
  await trim(redis, 0, 0);
  expect(await state('1000-0')).toBe('gone');
  expect((await readEntryState(redis, { partition: 0, epoch: 'another', entryId: '2000-0', index: 0 })).state).toBe(
    'lost',
  );
});

test('the ledger names the difference between two columns', async () => {
  await addIntake(redis, { offered: 5, accepted: 3, refused: 1, unknown: 0 });
  await addIntake(redis, { offered: 1, accepted: 0, refused: 0, unknown: 1 });
  await add('1-0');
  const moving = await readLedger(redis, 1);
  expect(moving.intake).toStrictEqual({ offered: 6, accepted: 3, refused: 1, unknown: 1 });
  expect(moving.open).toBe(2);
  await redis.send(ledgerKey(0), [
    'HSET',
    ledgerKey(0),
    'entries',
    '1',
    'votes',
    '3',
    'counted',
    '2',
    'logged',
    '1',
    'logged-votes',
    '3',
  ]);
  expect((await readLedger(redis, 1)).gaps).toStrictEqual(['votes handled by the tally, and their outcomes: 3 and 2']);
  await redis.send(ledgerKey(0), ['HSET', ledgerKey(0), 'late', '1']);
  expect((await readLedger(redis, 1)).gaps).toStrictEqual([]);
  await addIntake(redis, { offered: 1, accepted: 1, refused: 0, unknown: 0 });
  expect((await readLedger(redis, 1)).gaps).toStrictEqual(['votes acknowledged, and tallied or dead: 4 and 3']);
});

test('trimming continues while ids are in the future because the clock was set back', async () => {
  const ahead = Date.now() + 3_600_000;
  for (let n = 0; n < 20; n++) {
    await add(`${ahead}-${n}`);
    await read(TALLY_GROUP, 9);
    await read(LOG_GROUP, 9);
    for (const group of [TALLY_GROUP, LOG_GROUP]) await redis.send(stream, ['XACK', stream, group, `${ahead}-${n}`]);
    await trim(redis, 0, 5);
  }
  await waitFor(async () => {
    await trim(redis, 0, 5);
    return (await ids()).length <= 1;
  });
  // The newest entry is kept for receipts.
  expect(await ids()).toStrictEqual([`${ahead}-19`]);
});
