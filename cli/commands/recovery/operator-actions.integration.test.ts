import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, assert, beforeAll, expect, test } from 'vitest';
import { PARTITIONS, TestPool } from '../../../consumer/testing/test-pool.ts';
import type { ContestStore } from '../../../store/contests/contest-store.ts';
import { CLOSE_DELAY_MS } from '../../../store/contests/fields/contest-times.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import type { LogStore } from '../../../store/log/log-store.ts';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { readLedger } from '../../../store/monitoring/ledger.ts';
import { recount } from '../../../store/recount/recount.ts';
import { listDeadLetters, replayDeadLetter } from '../../../store/streams/dead-letters.ts';
import { TALLY_GROUP, tallyKey } from '../../../store/streams/keys.ts';

const ACTIONS = ['recount', 'replay', 'close', 'reopen'] as const;
type Action = (typeof ACTIONS)[number] | Renewal;
/** Actions after which earlier votes do not count. */
const RENEWALS = ['reset', 'recreate'] as const;
type Renewal = (typeof RENEWALS)[number];

let pool: TestPool;
let contests: ContestStore;
let log: LogStore;
let contestsMade = 0;

beforeAll(async () => {
  pool = await TestPool.start();
  contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
  log = await openLogStore({ mongodbUrl: undefined, dataDir: pool.dir, logTtlDays: 0 });
  pool.startConsumer({ MAX_DELIVERIES: '1', CLAIM_IDLE_MS: '100' });
});

afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await contests[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
});

for (const order of permutations(ACTIONS)) {
  test(`${order.join(', ')}: the same total`, async () => {
    const { contest, letters } = await contestWithLetters();
    for (const action of order) await run(action, contest, letters);
    await assertTotal(contest);
  });
}

test('repeated recounts and replays change nothing', async () => {
  const { contest, letters } = await contestWithLetters();
  for (const action of ['recount', 'recount', 'replay', 'recount', 'replay', 'recount'] as const) {
    await run(action, contest, letters);
  }
  await assertTotal(contest);
});

for (const renewal of RENEWALS) {
  for (const order of permutations(['recount', 'replay', renewal] as const)) {
    test(`${order.join(', ')}: only later votes count`, async () => {
      const { contest, letters } = await contestWithLetters();
      for (const action of order) await run(action, contest, letters);
      await delay(CLOSE_DELAY_MS + 10);
      await pool.write(4, 0, contest);
      await assertTotal(contest, 4);
      await run('recount', contest, letters);
      await run('replay', contest, letters);
      await assertTotal(contest, 4);
    });
  }
}

/** An open contest without vote_ids that has 20 counted votes and 15 in dead letters of the tally. */
async function contestWithLetters(): Promise<{ contest: string; letters: string[] }> {
  const contest = `contest-${++contestsMade}`;
  await create(contest);
  await pool.write(20, 0, contest);
  await pool.until('the first votes', async () => (await total(contest)) === 20);
  const key = tallyKey(0, contest);
  await pool.redis.send(key, ['HSET', key, ':late', 'many']);
  const letters: string[] = [];
  for (let i = 0; i < 5; i++) letters.push(await pool.write(3, 0, contest));
  await pool.until('the dead letters', async () => (await deadIds(letters)).length === 5);
  await pool.redis.send(key, ['HDEL', key, ':late']);
  await pool.until('the log', async () => (await readLedger(pool.redis, PARTITIONS)).open === 0);
  return { contest, letters };
}

async function create(id: string): Promise<void> {
  const made = await contests.create({ id, title: 'A contest', rule: 'open', options: [{ id: 'cats' }] });
  assert(made.ok);
}

async function deadIds(letters: readonly string[]): Promise<string[]> {
  return (await listDeadLetters(pool.redis, 0)).map(({ id }) => id).filter((id) => letters.includes(id));
}

async function run(action: Action, contest: string, letters: readonly string[]): Promise<void> {
  if (action === 'recount') {
    const options = { redis: pool.redis, log, partitions: PARTITIONS, voteIdWindowHours: 24, contest, apply: true };
    await recount({ ...options, waitMs: 10_000, decode: () => undefined });
  } else if (action === 'replay') {
    for (const id of letters) await replayDeadLetter(pool.redis, { partition: 0, group: TALLY_GROUP, id });
  } else if (action === 'reset') {
    assert((await contests.reset(contest)).ok);
  } else if (action === 'recreate') {
    assert((await contests.remove(contest)).ok);
    await create(contest);
  } else {
    const close = () => contests.close(contest);
    // The time of its votes decides whether a dead letter is late, so a later close does not matter.
    const outcome = action === 'close' ? await close() : await contests.update(contest, { closesAt: null });
    assert(outcome.ok);
  }
}

/** Both tools have run by now, in any order. */
async function assertTotal(contest: string, expected = 35): Promise<void> {
  await pool.until('every vote is counted', async () => (await total(contest)) === expected);
  const ledger = await pool.until('rest', async () => {
    const now = await readLedger(pool.redis, PARTITIONS);
    return now.open === 0 && now;
  });
  expect(await total(contest)).toBe(expected);
  expect(ledger.gaps).toStrictEqual([]);
}

async function total(contest: string): Promise<number> {
  return Number(await pool.redis.send(tallyKey(0, contest), ['HGET', tallyKey(0, contest), 'cats']));
}

test('a contest is recounted while it and another one receive votes', async () => {
  await using pool = await TestPool.start();
  pool.startConsumer();
  pool.startConsumer();
  let written = 0;
  let isRunning = true;
  const write = async () => {
    while (isRunning) {
      await Promise.all([pool.write(5, written % 4, 'bandas'), pool.write(5, written % 4)]);
      written++;
      // A steady load; as fast as possible, it would only measure this machine.
      await delay(10);
    }
  };
  const writing = write();
  await pool.until('some votes', async () => (await pool.tallied()) > 100);
  const outputs = [await command(pool, 'recount', 'bandas', '--apply'), await command(pool, 'recount', 'bandas')];
  isRunning = false;
  await writing;
  for (const output of outputs) expect(output).toMatch(/They agree/);
  await pool.atRest(10 * written);
  let counted = 0;
  for (let p = 0; p < PARTITIONS; p++) {
    counted += Number(await pool.redis.send(tallyKey(p, 'bandas'), ['HGET', tallyKey(p, 'bandas'), 'cats']));
  }
  expect(counted).toBe(5 * written);
}, 60_000);

async function command(pool: TestPool, name: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../main.ts'), name, ...args], {
    env: { ...process.env, REDIS_URL: pool.server.url, DATA_DIR: pool.dir, MONGODB_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
