import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, assert, expect, type TestContext, test } from 'vitest';
import { type MongoServer, startMongoServer } from '../../supervisor/build/mongo-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { LogStore } from './log-store.ts';
import { type LogSettings, openLogStore } from './open-log-store.ts';
import { testEntry } from './testing/test-entries.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-log-faults-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let folders = 0;
const sqlite = (): LogSettings => ({ mongodbUrl: undefined, dataDir: join(dir, `${folders++}`), logTtlDays: 0 });

test('SQLite: kill -9 during appends loses no confirmed entry and leaves no partial one', async () => {
  const settings = sqlite();
  const confirmed: number[] = [];
  for (let round = 0; round < 5; round++) {
    await using writer = startWriter(settings, { first: round * 100_000, step: 1 });
    await writer.until(() => writer.confirmed.length >= 100 + 17 * round);
    await writer.kill();
    confirmed.push(...writer.confirmed);
  }
  await using log = await openLogStore(settings);
  await assertComplete(log, confirmed);
});

test('SQLite: entries that three processes write are stored once each', async () => {
  const settings = sqlite();
  await using a = startWriter(settings, { first: 0, step: 1 });
  await using b = startWriter(settings, { first: 0, step: 2 });
  await using c = startWriter(settings, { first: 1, step: 2 });
  const writers = [a, b, c];
  await Promise.all(writers.map((writer) => writer.until(() => writer.confirmed.length >= 600)));
  await Promise.all(writers.map((writer) => writer.kill()));
  await using log = await openLogStore(settings);
  await assertComplete(log, [...new Set(writers.flatMap((writer) => writer.confirmed))]);
  expect(writers.map((writer) => writer.errors()).join('')).toBe('');
});

test('SQLite: an append rejects while another process holds the lock, and succeeds afterwards', async () => {
  const settings = sqlite();
  await using log = await openLogStore(settings);
  await log.append([testEntry(1)]);
  const other = new DatabaseSync(join(settings.dataDir, 'votes.db'));
  other.exec('BEGIN IMMEDIATE');
  const started = performance.now();
  await expect(log.append([testEntry(2)])).rejects.toThrow(/database is locked/);
  expect(performance.now() - started).toBeLessThan(6000);
  expect((await log.page({ limit: 20 })).items.length, 'reads continue').toBe(1);
  other.exec('ROLLBACK');
  other.close();
  expect((await log.append([testEntry(2)])).stored).toBe(1);
});

test('SQLite: leaves a file of a newer Votewire unchanged', async () => {
  const settings = sqlite();
  const log = await openLogStore(settings);
  await log[Symbol.asyncDispose]();
  const file = join(settings.dataDir, 'votes.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 999');
  await expect(openLogStore(settings)).rejects.toThrow(/schema version 999/);
  expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(999);
  database.close();
});

test('SQLite: appends reject on a full disk, lose no confirmed entry, and succeed once there is space', async (t) => {
  if (spawnSync('unshare', ['-Urm', 'true']).status !== 0)
    return t.skip('cannot mount a file system: unshare -Urm fails');
  const mount = mkdtempSync(join(dir, 'full-'));
  const script = `mount -t tmpfs -o size=40m tmpfs "$1" && exec "$2" "$3" "$1"`;
  const command = [
    'sh',
    '-c',
    script,
    'sh',
    mount,
    process.execPath,
    join(import.meta.dirname, 'testing/test-full-disk.ts'),
  ];
  const child = spawn('unshare', ['-Urm', ...command]);
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code, output).toBe(0);
});

test('SQLite: catches up with 200,000 votes in bounded memory', async () => {
  await using log = await openLogStore(sqlite());
  await assertCatchesUp(log, 200_000);
});

test('MongoDB: kill -9 of the server during inserts loses no confirmed entry', async (t) => {
  const data = join(dir, 'mongo-killed');
  await using first = await ownMongo(t, { dir: data });
  if (first === undefined) return;
  const settings = mongo(first.url);
  await using writer = startWriter(settings, { first: 0, step: 1 });
  await writer.until(() => writer.confirmed.length >= 200);
  const died = first.process && once(first.process, 'exit');
  first.process?.kill('SIGKILL');
  await died;
  const before = writer.confirmed.length;
  await using second = await ownMongo(t, { dir: data, port: Number(new URL(first.url).port) });
  assert(second !== undefined);
  await writer.until(() => writer.confirmed.length >= before + 50);
  await writer.kill();
  await using log = await openLogStore(settings);
  await assertComplete(log, writer.confirmed);
});

test('MongoDB: an append rejects within 3 s if unreachable and 6 s if frozen, and recovers automatically', async (t) => {
  const port = await ownMongo(t).then(async (server) => {
    await server?.[Symbol.asyncDispose]();
    return server && Number(new URL(server.url).port);
  });
  if (port === undefined) return;
  await using log = await openLogStore(mongo(`mongodb://127.0.0.1:${port}`));
  expect(await timeToReject(log), 'away').toBeLessThan(3000);
  await using server = await ownMongo(t, { port });
  expect((await log.append([testEntry(1)])).stored).toBe(1);
  server?.process?.kill('SIGSTOP');
  expect(await timeToReject(log), 'frozen').toBeLessThan(6500);
  server?.process?.kill('SIGCONT');
  await eventually(log, () => log.append([testEntry(2)]));
  expect(await log.totals()).toStrictEqual({ entries: 2, votes: 2 });
});

test('MongoDB: a document of 17 MB is rejected, and the others are stored', async (t) => {
  await using server = await ownMongo(t);
  if (server === undefined) return;
  await using log = await openLogStore(mongo(server.url));
  const huge = testEntry(2, { votes: Array.from({ length: 17 }, () => ({ attributes: { album: 'x'.repeat(1e6) } })) });
  const outcome = await log.append([testEntry(1), huge, testEntry(3), testEntry(1)]);
  expect(outcome.stored).toBe(2);
  expect(outcome.repeated).toBe(1);
  expect(outcome.refused.map(({ entry }) => entry.entryId)).toStrictEqual([huge.entryId]);
  expect(outcome.refused[0]?.reason ?? '').toMatch(/larger than the maximum size/);
});

test('MongoDB: catches up with 60,000 votes in bounded memory', async (t) => {
  await using server = await ownMongo(t);
  if (server === undefined) return;
  await using log = await openLogStore(mongo(server.url));
  await assertCatchesUp(log, 60_000);
});

function mongo(url: string): LogSettings {
  return { mongodbUrl: `${url}/votewire`, dataDir: dir, logTtlDays: 0 };
}

async function ownMongo(
  t: TestContext,
  options: { dir?: string; port?: number } = {},
): Promise<MongoServer | undefined> {
  const attempt = await startMongoServer({ own: true, ...options });
  if (attempt.server === undefined) t.skip(attempt.reason);
  return attempt.server;
}

interface Writer extends AsyncDisposable {
  readonly confirmed: number[];
  errors(): string;
  until(condition: () => boolean): Promise<void>;
  kill(): Promise<void>;
}

function startWriter(settings: LogSettings, { first, step }: { first: number; step: number }): Writer {
  const file = join(import.meta.dirname, 'testing/test-writer.ts');
  const child: ChildProcess = spawn(process.execPath, [file, JSON.stringify(settings), `${first}`, `${step}`]);
  const confirmed: number[] = [];
  let errors = '';
  let rest = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    confirmed.push(...lines.map(Number));
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  };
  return {
    confirmed,
    errors: () => errors,
    async until(condition) {
      const orThrow = () => expect(child.exitCode, errors).toBeNull();
      await waitFor(condition, { timeoutMs: 30_000, orThrow });
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Checks that every confirmed entry exists once and is complete, and that repeating all appends stores nothing. */
async function assertComplete(log: LogStore, confirmed: readonly number[]): Promise<void> {
  const votes = new Map<string, number>();
  for await (const vote of log.scan({})) {
    expect(vote.index, 'votes of an entry are in order, without duplicates').toBe(votes.get(vote.entryId) ?? 0);
    votes.set(vote.entryId, vote.index + 1);
  }
  for (const count of votes.values()) expect(count, 'the entry is complete').toBe(3);
  const missing = confirmed.filter((n) => !votes.has(testEntry(n).entryId));
  expect(missing).toStrictEqual([]);
  expect(await log.totals()).toStrictEqual({ entries: votes.size, votes: 3 * votes.size });
  const again = confirmed.map((n) => testEntry(n, { partition: n % 4, votes: [{}, {}, {}] }));
  const { stored, repeated, conflicting } = await log.append(again);
  expect({ stored, repeated, conflicting }).toStrictEqual({ stored: 0, repeated: confirmed.length, conflicting: [] });
}

/** Appends like a log worker after an outage: 100 entries of 100 votes per call, two calls in flight. */
async function assertCatchesUp(log: LogStore, total: number): Promise<void> {
  let next = 1;
  const appendUpTo = async (votes: number) => {
    const worker = async () => {
      while (next * 100 <= votes) {
        const entries = Array.from({ length: 100 }, () => testEntry(next++, { votes: Array(100).fill({}) }));
        // The server may time out on a busy machine; callers repeat the append.
        await eventually(log, () => log.append(entries));
      }
    };
    await Promise.all([worker(), worker()]);
    return memoryInUse();
  };
  const early = await appendUpTo(total / 4);
  const grown = (await appendUpTo(total)) - early;
  expect((await log.totals()).votes).toBeGreaterThanOrEqual(total);
  // A vote takes about 300 bytes of memory; the memory of drivers and the runtime varies by about 4 MB.
  expect(grown, `memory grew by ${grown} bytes for three times as many votes`).toBeLessThan(8e6);
}

/** Bytes in use after garbage collection. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function timeToReject(log: LogStore): Promise<number> {
  const started = performance.now();
  await expect(log.append([testEntry(2)])).rejects.toThrow();
  return performance.now() - started;
}

async function eventually<T>(log: LogStore, action: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      expect(performance.now(), `${log.kind} did not recover: ${error}`).toBeLessThan(deadline);
    }
  }
}
