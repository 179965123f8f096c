import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PARTITIONS, TestPool } from '../../../consumer/testing/test-pool.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import { readLedger } from '../../../store/monitoring/ledger.ts';
import { parseInteger, parseText } from '../../../store/redis/replies.ts';
import { listDeadLetters, replayDeadLetter } from '../../../store/streams/dead-letters.ts';
import {
  countedChannel,
  epochKey,
  failuresKey,
  streamKey,
  TALLY_GROUP,
  tallyKey,
} from '../../../store/streams/keys.ts';
import { readEntryState } from '../../../store/tally/receipt-status.ts';

test('unreadable entries become dead letters and do not block others; a replay counts repaired ones', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer({ MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '200' });
  await pool.write(1, 1);
  await pool.atRest(1);
  const garbage = Buffer.from('garbage');
  await pool.writeRaw(0, 'b', garbage);
  await pool.writeRaw(0, 'b', Buffer.alloc(0));
  await pool.writeRaw(0, 'wrong', garbage);
  await pool.writeRaw(0, 'b', Buffer.from([0x22, 0x7f, 0x0a]));
  const notified: string[] = [];
  await using listener = pool.redis.duplicate('listener');
  await listener.whenReady();
  await listener.subscribe([countedChannel(0)], (message) => notified.push(message));
  const ghostly = await pool.write(3, 0, 'ghosts');
  await pool.write(10, 0);
  await pool.until('the other entries are counted', async () => (await pool.tallied()) >= 11, 10_000);

  const letters = await pool.until('five dead letters', async () => {
    const found = (await listDeadLetters(pool.redis, 0)).filter(({ group }) => group === TALLY_GROUP);
    return found.length === 5 && found;
  });
  expect(letters[0]?.bytes).toStrictEqual(garbage);
  expect(letters[2]?.field).toBe('wrong');
  const ghost = letters[4];
  expect(ghost?.id).toBe(ghostly);
  expect(ghost?.reason ?? '').toMatch(/ghosts/);
  expect(ghost?.failures).toBe(2);
  expect(ghost?.deliveries ?? 0).toBeGreaterThanOrEqual(2);
  expect(Date.parse(ghost?.lastFailure ?? '')).toBeGreaterThan(Date.parse(ghost?.firstFailure ?? ''));

  await pool.until('waiting clients are notified', async () => notified.includes(`${ghostly} xxx`));
  await using contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
  const made = await contests.create({ id: 'ghosts', title: 'Ghosts', rule: 'open', options: [{ id: 'cats' }] });
  expect(made.ok).toBe(true);
  expect(await deadLetters(pool, 'replay', '--dry-run', `0/tally/${ghostly}`)).toMatch(/would be replayed: 3 votes/);
  expect((await listDeadLetters(pool.redis, 0)).length).toBe(9);
  expect(await deadLetters(pool, 'show', `0/tally/${ghostly}`)).toMatch(
    /unknown contest ghosts[\s\S]*"choice": "cats"/,
  );
  expect(await deadLetters(pool, 'replay', `0/tally/${ghostly}`)).toMatch(
    /was replayed as[^\n]*\n1 handled, 0 failed again, 0 waiting/,
  );
  await pool.until('the replayed votes', async () => {
    return (await pool.redis.send(tallyKey(0, 'ghosts'), ['HGET', tallyKey(0, 'ghosts'), 'cats'])) === '3';
  });
  const ledger = await pool.until('rest', async () => {
    const now = await readLedger(pool.redis, PARTITIONS);
    return now.open === 0 && now;
  });
  expect(ledger.gaps).toStrictEqual([]);
  // The replay is for the tally only: the log had the entry from the start.
  expect(ledger.votes.logged).toBe(14);
  expect(ledger.entries.passedLog).toBe(1);
  expect(await deadLetters(pool, 'list')).toMatch(/8 dead letters/);
  const [broken] = await listDeadLetters(pool.redis, 0);
  const name = `0/${broken?.group}/${broken?.id}`;
  expect(await deadLetters(pool, 'replay', name)).toMatch(/0 handled, 1 failed again, 0 waiting/);
  expect(await deadLetters(pool, 'discard', '--dry-run', 'all')).toMatch(/would be discarded/);
  expect(await deadLetters(pool, 'discard', 'all'), 'without the confirmation').toBe('');
  expect(await deadLetters(pool, 'list')).toMatch(/8 dead letters/);
  expect(await deadLetters(pool, 'discard', 'all', '--confirm', 'discard')).toMatch(/^(.* was discarded\n){8}$/);
  expect(await deadLetters(pool, 'list')).toMatch(/0 dead letters/);
});

test('a receipt shows the replay of a vote until it is counted', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer({ MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '200' });
  const entryId = await pool.write(1, 0, 'ghosts');
  const epoch = await pool.redis.send(epochKey(0), ['GET', epochKey(0)], parseText);
  const state = async () => (await readEntryState(pool.redis, { partition: 0, epoch, entryId, index: 0 })).state;
  const letter = async () => (await listDeadLetters(pool.redis, 0))[0];
  const first = await pool.until('the dead letter', letter);
  expect(await state()).toBe('dead');
  await replayDeadLetter(pool.redis, first);
  expect(await state()).toBe('queued');
  const second = await pool.until('the letter of the failed replay', letter);
  expect(second.id).not.toBe(first.id);
  expect(await state(), 'it was not counted').toBe('dead');

  await using contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
  await contests.create({ id: 'ghosts', title: 'Ghosts', rule: 'open', options: [{ id: 'cats' }] });
  await replayDeadLetter(pool.redis, second);
  await pool.until('the replayed vote', async () => ['settled', 'gone'].includes(await state()));
  expect(await pool.tallied()).toBe(1);
  const marks = async () => (await pool.redis.send(failuresKey(0), ['EXISTS', failuresKey(0)], parseInteger)) > 0;
  await pool.until('no marks', async () => !(await marks()));
});

test('a corrupt hash blocks only its contest, until it is repaired', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer({ MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '200' });
  await pool.write(1, 1);
  await pool.atRest(1);
  await pool.redis.send(tallyKey(0, 'bandas'), ['HSET', tallyKey(0, 'bandas'), 'cats', 'many']);
  for (let i = 0; i < 5; i++) {
    await pool.write(2, 0, 'bandas');
    await pool.write(3, 0);
  }
  const counted = async () =>
    Number(await pool.redis.send(tallyKey(0, 'cats-vs-dogs'), ['HGET', tallyKey(0, 'cats-vs-dogs'), 'cats']));
  await pool.until('the other contest', async () => (await counted()) === 15, 10_000);
  const letters = await pool.until('five dead letters', async () => {
    const found = await listDeadLetters(pool.redis, 0);
    return found.length === 5 && found;
  });
  expect(letters[0]?.reason ?? '').toMatch(/^CORRUPT \{p0\}:tally:bandas cats/);
  await pool.redis.send(tallyKey(0, 'bandas'), ['HDEL', tallyKey(0, 'bandas'), 'cats']);
  await deadLetters(pool, 'replay', 'all');
  await pool.until('the replayed votes', async () => {
    return (await pool.redis.send(tallyKey(0, 'bandas'), ['HGET', tallyKey(0, 'bandas'), 'cats'])) === '10';
  });
});

async function deadLetters(pool: TestPool, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../main.ts'), 'dead-letters', ...args], {
    env: { ...process.env, REDIS_URL: pool.server.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output;
}

for (const [who, env] of [
  ['another consumer', {}],
  // A restarted consumer does not wait for the claim time: if it crashed every time, it would never reach it.
  ['the same consumer, restarted,', { CONSUMER_NAME: 'ghost', CLAIM_IDLE_MS: '3600000' }],
] as const)
  test(`${who} dead-letters an entry that crashed several consumers and counts the entries after it`, async () => {
    await using pool = await TestPool.start();
    const deadly = await pool.write(1, 3);
    await pool.write(9, 3);
    const key = streamKey(3);
    await pool.redis.send(key, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', key, '>']);
    // Repeated deliveries and two crash marks, as consumers leave them when they die.
    for (let i = 0; i < 4; i++)
      await pool.redis.send(key, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', key, '0']);
    await pool.redis.send(failuresKey(3), ['HSET', failuresKey(3), `ended tally ${deadly}`, '2']);
    pool.startConsumer({ MAX_DELIVERIES: '2', ...env });
    const [letter] = await pool.until('the dead letter', async () => {
      const letters = await listDeadLetters(pool.redis, 3);
      return letters.length > 0 && letters;
    });
    expect(letter?.id).toBe(deadly);
    expect(letter?.reason ?? '').toMatch(/^2 consumers crashed while/);
    await pool.until('the later entries', async () => (await pool.tallied()) === 9);
    await pool.until(
      'no marks',
      async () => (await pool.redis.send(failuresKey(3), ['EXISTS', failuresKey(3)], parseInteger)) === 0,
    );
  });
