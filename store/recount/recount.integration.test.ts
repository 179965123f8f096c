import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, assert, beforeEach, expect, test } from 'vitest';
import type { RedisServer } from '../../supervisor/redis/redis-server.ts';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import type { ContestRule } from '../contests/contest.ts';
import { ensurePartition } from '../deployment/partition.ts';
import type { LogEntry, LogStore } from '../log/log-store.ts';
import { openLogStore } from '../log/open-log-store.ts';
import { testEntry, testVoter } from '../log/testing/test-entries.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, parseBytes, parseText } from '../redis/replies.ts';
import { parseEntryId } from '../streams/entry-id.ts';
import {
  clusterKey,
  epochKey,
  LOG_GROUP,
  ledgerKey,
  rulesKey,
  streamKey,
  TALLY_GROUP,
  tallyKey,
  votersKey,
} from '../streams/keys.ts';
import { createTally } from '../tally/tally.ts';
import { replaceScript } from './partition-recount.ts';
import { type RecountReport, recount } from './recount.ts';

const PARTITIONS = 2;
const decode = () => undefined;
const RULES: Readonly<Record<string, ContestRule>> = { pets: 'one-per-voter', bands: 'open' };
let log: LogStore;
let run = 0;

let redis: Redis;
let server: RedisServer;
let dir: string;
useTestRedis((started) => {
  ({ redis, server, dir } = started);
});

afterAll(() => log?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await redis.send(undefined, ['FLUSHALL']);
  await redis.send(clusterKey, ['HSET', clusterKey, 'partitions', `${PARTITIONS}`, 'secret', 'x'.repeat(43)]);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await ensurePartition(redis, partition);
    await redis.send(epochKey(partition), ['SET', epochKey(partition), 'e1']);
    await setRules(partition, 0);
  }
  await log?.[Symbol.asyncDispose]();
  log = await openLogStore({ mongodbUrl: undefined, dataDir: join(dir, `${++run}`), logTtlDays: 0 });
});

test('agrees with a correct tally and leaves no keys behind', async () => {
  await castMany();
  const keys = await redis.send(undefined, ['KEYS', '*'], listOf(parseText));
  for (const contest of ['pets', 'bands']) {
    const report = await recountOf(contest);
    expect(report.isDifferent, JSON.stringify(report.rows)).toBe(false);
    expect(report.votes).toBeGreaterThan(200);
    expect(report.rows.every(({ tally, recount: counted }) => tally === counted)).toBeTruthy();
  }
  expect((await redis.send(undefined, ['KEYS', '*'], listOf(parseText))).sort()).toStrictEqual(keys.sort());
});

test('finds a corrupted count and repairs it', async () => {
  await castMany();
  for (const contest of ['pets', 'bands']) {
    const right = await tallyOf(contest);
    await redis.send(tallyKey(1, contest), ['HINCRBY', tallyKey(1, contest), 'cats', '-5']);
    await redis.send(tallyKey(0, contest), ['HINCRBY', tallyKey(0, contest), 'dogs', '1']);
    const report = await recountOf(contest);
    expect(report.rows.filter(({ tally, recount: counted }) => tally !== counted).map((row) => row.name)).toStrictEqual(
      ['cats', 'dogs'],
    );
    expect(report.isDifferent).toBe(true);
    const version = await versionOf(contest);
    expect((await recountOf(contest, true)).applied).toBe(true);
    expect(await tallyOf(contest)).toStrictEqual(right);
    expect((await recountOf(contest)).isDifferent).toBe(false);
    expect(await versionOf(contest), 'watchers are notified').toBeGreaterThan(version);
  }
});

test('finds and repairs voters whose effective vote was changed, lost or forged, and keeps counting correctly', async () => {
  await castMany();
  const key = votersKey(0, 'pets');
  const [first, second] = await redis.sendBytes(key, ['HKEYS', key], listOf(parseBytes));
  assert(first !== undefined && second !== undefined);
  await redis.send(key, ['HSET', key, first, 'dogs 999 1-0 0']);
  await redis.send(key, ['HDEL', key, second]);
  await redis.send(key, ['HSET', key, Buffer.from(testVoter('unknown')), 'cats 0 1-0 0']);
  const report = await recountOf('pets');
  expect(report.votersDiffering).toBe(3);
  expect(report.isDifferent).toBe(true);
  await recountOf('pets', true);
  expect((await recountOf('pets')).isDifferent).toBe(false);
  await castMany(5000);
  expect((await recountOf('pets')).isDifferent, 'the tally continues from the recount').toBe(false);
});

test('restores a lost tally', async () => {
  await castMany();
  const right = await tallyOf('pets');
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await redis.send(tallyKey(partition, 'pets'), ['DEL', tallyKey(partition, 'pets'), votersKey(partition, 'pets')]);
  }
  await recountOf('pets', true);
  expect(await tallyOf('pets')).toStrictEqual(right);
});

test('while votes are in progress, reports no difference and explains why it waits', async () => {
  await castMany();
  const late = testEntry(9000, { votes: [{ contest: 'pets' }] });
  await redis.send(streamKey(0), ['XADD', streamKey(0), late.entryId, 'b', '']);
  await readGroup(TALLY_GROUP, 0);
  await expect(recountOf('pets')).rejects.toThrow(/did not come to rest/);
  await finish(0, [late]);
  expect((await recountOf('pets')).isDifferent).toBe(false);
});

test('recounts a closed contest while other contests receive votes', async () => {
  await castMany();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await setRules(partition, testEntry(4000).receivedAt.getTime());
    const busy = testEntry(9000, { partition });
    await redis.send(streamKey(partition), ['XADD', streamKey(partition), busy.entryId, 'b', '']);
    await readGroup(TALLY_GROUP, partition);
    await readGroup(LOG_GROUP, partition);
  }
  await redis.send(tallyKey(1, 'pets'), ['HINCRBY', tallyKey(1, 'pets'), 'cats', '1']);
  expect((await recountOf('pets')).isDifferent).toBe(true);
  await recountOf('pets', true);
  expect((await recountOf('pets')).isDifferent).toBe(false);
});

test('keeps a vote from before the close that is counted during the recount', async () => {
  await castMany();
  const late = testEntry(9000, { votes: [{ contest: 'pets' }] });
  for (let partition = 0; partition < PARTITIONS; partition++) await setRules(partition, late.receivedAt.getTime());
  await redis.send(streamKey(0), ['XADD', streamKey(0), late.entryId, 'b', '']);
  const meanwhile = async () => {
    await readGroup(TALLY_GROUP, 0);
    await finish(0, [late]);
  };
  await recountDuring('pets', meanwhile);
  expect((await recountOf('pets')).isDifferent).toBe(false);
});

test('keeps votes of a contest that is reopened during the recount', async () => {
  await castMany();
  const entries = Array.from({ length: PARTITIONS }, (_, partition) =>
    testEntry(9000, { partition, votes: [{ contest: 'bands' }] }),
  );
  const vote = testEntry(9001, { votes: [{ contest: 'pets' }] });
  const add = ({ partition, entryId }: LogEntry) =>
    redis.send(streamKey(partition), ['XADD', streamKey(partition), entryId, 'b', '']);
  for (const entry of entries) {
    // A handled vote for another contest shows that all entries from before the close are handled.
    await setRules(entry.partition, testEntry(4000).receivedAt.getTime());
    await add(entry);
    await readGroup(TALLY_GROUP, entry.partition);
    await finish(entry.partition, [entry]);
  }
  await recountDuring('pets', async () => {
    for (let partition = 0; partition < PARTITIONS; partition++) await setRules(partition, 0);
    await add(vote);
    await readGroup(TALLY_GROUP, 0);
    await finish(0, [vote]);
  });
  expect((await recountOf('pets')).isDifferent).toBe(false);
});

test('npm run recount prints a difference and exits with 1', async () => {
  await castMany();
  expect(await runCommand('nothing')).toStrictEqual({ code: 3, output: 'There is no contest nothing.\n' });
  expect((await runCommand('pets')).code).toBe(0);
  await redis.send(tallyKey(1, 'pets'), ['HINCRBY', tallyKey(1, 'pets'), 'cats', '-5']);
  const found = await runCommand('pets');
  expect(found.code).toBe(1);
  expect(found.output).toMatch(/^cats +\d+ +\d+ +\+5$/m);
  expect((await runCommand('pets', '--apply')).output).toMatch(/The recount is now the tally/);
  expect((await runCommand('pets')).output).toMatch(/They agree/);
});

test('npm run recount replaces nothing if the log lacks votes', async () => {
  await castMany();
  const { votes } = await log.totals();
  await redis.send(ledgerKey(0), ['HSET', ledgerKey(0), 'logged-votes', `${votes + 5}`]);
  const { code, output } = await runCommand('pets', '--apply');
  expect(code).toBe(3);
  expect(output).toMatch(new RegExp(`holds ${votes} votes, but ${votes + 5} were logged .*\\nNothing was replaced`));
  expect((await runCommand('pets')).output).toMatch(
    /set MONGODB_URL or DATA_DIR.*If LOG_TTL_DAYS removed them, keep the tally/,
  );
});

test('the header of replace-tally.lua lists the keys and arguments that the script reads', () => {
  const end = replaceScript.source.indexOf('\nlocal ');
  const named = (kind: string, text: string) =>
    [...new Set([...text.matchAll(new RegExp(`${kind}\\[(\\d)`, 'g'))].map(([, n]) => n))].sort();
  const [header, code] = [replaceScript.source.slice(0, end), replaceScript.source.slice(end)];
  expect(named('ARGV', header)).toStrictEqual(['1', '2', '3', '4', '5', '6', '7']);
  expect(named('ARGV', code)).toStrictEqual(['1', '2', '3', '4', '5', '6']);
  expect(named('KEYS', header)).toStrictEqual(['1', '2', '3', '4', '5', '6']);
  // A loop reads the keys from the sixth on.
  expect(named('KEYS', code)).toStrictEqual(['1', '2', '3', '4', '5']);
});

/** Counts and logs entries of both contests, with changed votes, stale sequences and repeated vote_ids. */
async function castMany(from = 1): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const entries = Array.from({ length: 300 }, (_, i) => {
      const n = from + i;
      const choice = n % 3 === 0 ? 'dogs' : 'cats';
      const voter = testVoter(`${partition} ${(n * 7) % 50}`);
      const pet = { contest: 'pets', choice, voter, sequence: n % 5 };
      const band = { contest: 'bands', choice, voteId: n % 4 === 0 ? `${partition} ${n % 32}` : '' };
      // The clocks of edges differ, so the order of the log differs from that of the stream.
      return testEntry(n, { partition, at: n + (n % 2) * 3, votes: n % 2 === 0 ? [pet, band, pet] : [band, pet] });
    });
    for (const { entryId } of entries) {
      await redis.send(streamKey(partition), ['XADD', streamKey(partition), entryId, 'b', '']);
    }
    await readGroup(TALLY_GROUP, partition);
    await finish(partition, entries);
  }
}

/** Counts, logs and acknowledges entries, like the consumers. */
async function finish(partition: number, entries: readonly LogEntry[]): Promise<void> {
  const tally = createTally({ redis, voteIdWindowHours: 24, ruleOf: (contest) => RULES[contest] });
  const ids = entries.map((entry) => parseEntryId(entry.entryId) ?? { ms: 0, n: 0 });
  const outcomes = await tally.count(
    partition,
    entries.map(({ votes }, i) => ({
      id: ids[i] ?? { ms: 0, n: 0 },
      position: ids[i] ?? { ms: 0, n: 0 },
      notify: false,
      votes,
    })),
  );
  expect(outcomes.every((outcome) => outcome === 'counted')).toBeTruthy();
  await readGroup(LOG_GROUP, partition);
  expect((await log.append(entries)).stored).toBe(entries.length);
  const acknowledged = entries.map((entry) => entry.entryId);
  await redis.send(streamKey(partition), ['XACK', streamKey(partition), LOG_GROUP, ...acknowledged]);
}

async function readGroup(group: string, partition: number): Promise<void> {
  const stream = streamKey(partition);
  await redis.send(stream, ['XREADGROUP', 'GROUP', group, 'c', 'COUNT', '999', 'STREAMS', stream, '>']);
}

async function setRules(partition: number, closesAt: number): Promise<void> {
  for (const [contest, rule] of Object.entries(RULES)) {
    await redis.send(rulesKey(partition), ['HSET', rulesKey(partition), contest, `${rule} 0 ${closesAt}`]);
  }
}

function recountOf(contest: string, apply = false): Promise<RecountReport> {
  return recount({ redis, log, partitions: PARTITIONS, voteIdWindowHours: 24, contest, apply, waitMs: 200, decode });
}

/** Runs a recount with `apply`; `meanwhile` runs after its first read of the log. */
function recountDuring(contest: string, meanwhile: () => Promise<void>): Promise<RecountReport> {
  let scans = 0;
  const scan: LogStore['scan'] = async function* (filter) {
    yield* log.scan(filter);
    if (scans++ === 0) await meanwhile();
  };
  const read = new Proxy(log, {
    get: (target, name) => {
      if (name === 'scan') return scan;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return recount({
    redis,
    log: read,
    partitions: PARTITIONS,
    voteIdWindowHours: 24,
    contest,
    apply: true,
    waitMs: 2000,
    decode,
  });
}

/** All fields except the version, of all partitions. */
async function tallyOf(contest: string): Promise<unknown> {
  const names = ['cats', 'dogs', ':voters', ':votes', ':superseded', ':changed', ':duplicate', ':late', ':upto'];
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => tallyKey(partition, contest));
  return Promise.all(
    partitions.map(async (key) => {
      const counts = await redis.send(key, ['HMGET', key, ...names], listOf(nullable(parseText)));
      // An unused counter is absent or 0.
      return counts.map((count) => Number(count ?? 0));
    }),
  );
}

async function versionOf(contest: string): Promise<number> {
  return Number(await redis.send(tallyKey(1, contest), ['HGET', tallyKey(1, contest), ':version']));
}

async function runCommand(...args: string[]): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env,
    REDIS_URL: server.url,
    DATA_DIR: join(dir, `${run}`),
    MONGODB_URL: '',
    PARTITIONS: '',
    SECRET: '',
  };
  const file = join(import.meta.dirname, '../../cli/main.ts');
  const child = spawn(process.execPath, [file, 'recount', ...args], { env });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}
