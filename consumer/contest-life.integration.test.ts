import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, assert, beforeAll, expect, test } from 'vitest';
import { type Contest, contestStatus } from '../store/contests/contest.ts';
import type { ContestOutcome, ContestStore } from '../store/contests/contest-store.ts';
import { CLOSE_DELAY_MS } from '../store/contests/fields/contest-times.ts';
import { openContestStore } from '../store/contests/open-contest-store.ts';
import type { LogStore } from '../store/log/log-store.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { readLedger } from '../store/monitoring/ledger.ts';
import { recount } from '../store/recount/recount.ts';
import { listDeadLetters } from '../store/streams/dead-letters.ts';
import { createResultsReader } from '../store/tally/read-results.ts';
import { PARTITIONS, TestPool } from './testing/test-pool.ts';

let pool: TestPool;
let contests: ContestStore;
let log: LogStore;
let made = 0;

beforeAll(async () => {
  pool = await TestPool.start();
  contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
  log = await openLogStore({ mongodbUrl: undefined, dataDir: pool.dir, logTtlDays: 0 });
  pool.startConsumer();
});

afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await contests[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
});

for (const rule of ['one-per-voter', 'open'] as const) {
  test(`votes during a pause do not count, not even in a recount (${rule})`, async () => {
    const id = await create(rule);
    await vote(id, 5);
    const paused = done(await contests.pause(id));
    await effect();
    expect(contestStatus(paused, Date.now())).toBe('paused');
    await vote(id, 3);
    expect(done(await contests.pause(id)), 'a second pause changes nothing').toStrictEqual(paused);
    expect(contestStatus(done(await contests.open(id)), Date.now())).toBe('open');
    await delay(2);
    await vote(id, 2);
    expect(await total(id)).toBe(7);
    expect(await recounted(id)).toBe(7);
  });

  test(`a reset removes counts and voters; the log keeps the votes, but a recount excludes them (${rule})`, async () => {
    const id = await create(rule);
    await vote(id, 5);
    const before = await results(id);
    expect(contestStatus(done(await contests.reset(id)), Date.now())).toBe('paused');
    await effect();
    expect(contestStatus(contest(id), Date.now())).toBe('open');
    const after = await results(id);
    expect([after.total, after.voters, after.version > before.version]).toStrictEqual([0, 0, true]);
    expect(await recounted(id)).toBe(0);
    await vote(id, 4);
    expect([await total(id), await recounted(id)]).toStrictEqual([4, 4]);
    expect(await logged(id)).toBe(9);
  });

  test(`votes for a deleted contest are rejected and block no entry; a new contest with its id starts at 0 (${rule})`, async () => {
    const id = await create(rule);
    await vote(id, 5);
    done(await contests.remove(id));
    expect([contests.get(id), (await contests.remove(id)).ok]).toStrictEqual([undefined, false]);
    await vote(id, 2);
    expect(await listDeadLetters(pool.redis, 0)).toStrictEqual([]);
    const other = rule === 'open' ? 'one-per-voter' : 'open';
    expect(await contests.create(input(id, other))).toMatchObject({ ok: false, reason: 'invalid' });
    done(await contests.create(input(id, rule)));
    await effect();
    expect(await total(id)).toBe(0);
    await vote(id, 3);
    expect([await total(id), await recounted(id), await logged(id)]).toStrictEqual([3, 3, 10]);
  });
}

test('reset, pause, close and reopen work in combination with recounts', async () => {
  const id = await create('one-per-voter');
  await vote(id, 5);
  await contests.pause(id);
  await contests.reset(id);
  await effect();
  expect(contestStatus(contest(id), Date.now()), 'a reset does not resume').toBe('paused');
  await vote(id, 1);
  await contests.open(id);
  await delay(2);
  await vote(id, 4);
  await contests.close(id);
  await effect();
  await vote(id, 1);
  expect(contestStatus(contest(id), Date.now())).toBe('closed');
  expect([await total(id), await recounted(id)]).toStrictEqual([4, 4]);
  expect(contestStatus(done(await contests.open(id)), Date.now())).toBe('open');
  await vote(id, 2);
  // By the current rules, the vote after the first close is in time.
  expect(await recounted(id)).toBe(7);
});

async function create(rule: Contest['rule']): Promise<string> {
  const id = `life-${++made}`;
  done(await contests.create(input(id, rule)));
  return id;
}

function input(id: string, rule: Contest['rule']) {
  return { id, title: id, rule, options: [{ id: 'cats' }, { id: 'dogs' }] };
}

function done(outcome: ContestOutcome): Contest {
  assert(outcome.ok, JSON.stringify(outcome));
  return outcome.contest;
}

function contest(id: string): Contest {
  const found = contests.get(id);
  assert(found);
  return found;
}

/** Waits until a pause, close or reset has taken effect. */
const effect = () => delay(CLOSE_DELAY_MS + 10);

/** Casts votes of new voters, and waits until the consumer has counted and logged them. */
async function vote(id: string, votes: number): Promise<void> {
  await pool.write(votes, 0, id);
  await pool.until('rest', async () => (await readLedger(pool.redis, PARTITIONS)).open === 0);
}

function results(id: string) {
  return createResultsReader(pool.redis, PARTITIONS).read(contest(id));
}

async function total(id: string): Promise<number> {
  return (await results(id)).total;
}

/** Compares the tally with the log, replaces the tally, and returns the total. */
async function recounted(id: string): Promise<number> {
  const options = {
    redis: pool.redis,
    log,
    partitions: PARTITIONS,
    voteIdWindowHours: 24,
    contest: id,
    waitMs: 10_000,
  };
  await recount({ ...options, apply: true, decode: () => undefined });
  const again = await recount({ ...options, apply: false, decode: () => undefined });
  expect(again.isDifferent, JSON.stringify(again.rows)).toBe(false);
  return total(id);
}

async function logged(id: string): Promise<number> {
  let votes = 0;
  for await (const _ of log.scan({ contest: id })) votes++;
  return votes;
}
