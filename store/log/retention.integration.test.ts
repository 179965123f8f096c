import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { startMongoServer } from '../../supervisor/build/mongo-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { type LogSettings, openLogStore } from './open-log-store.ts';
import { testEntry } from './testing/test-entries.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-log-retention-'));
const mongo = await startMongoServer();
const url = mongo.server && `${mongo.server.url}/test-retention-${process.pid}`;
afterAll(async () => {
  if (url !== undefined) {
    await using client = await MongoClient.connect(url);
    await client.db().dropDatabase();
  }
  await mongo.server?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

test('SQLite: LOG_TTL_DAYS removes older votes as soon as a consumer writes', () =>
  assertRetention({ mongodbUrl: undefined, dataDir: dir }));

test(`MongoDB (${mongo.server?.kind ?? 'none'}): LOG_TTL_DAYS removes older votes as soon as a consumer writes`, async (t) => {
  if (url === undefined) return skip(t);
  await assertRetention({ mongodbUrl: url, dataDir: dir });
});

test('MongoDB: creates an index per filter, one for retention, and a view with a row per vote', async (t) => {
  if (url === undefined) return skip(t);
  await using client = await MongoClient.connect(url);
  const database = client.db();
  const lifetimes = async () => {
    const indexes = await database.collection('entries').indexes();
    return indexes.flatMap(({ expireAfterSeconds }) => (expireAfterSeconds === undefined ? [] : [expireAfterSeconds]));
  };
  for (const days of [1, 7]) {
    await using log = await openLogStore({ mongodbUrl: url, dataDir: dir, logTtlDays: days });
    await log.append([{ ...testEntry(days, { votes: [{}, {}] }), receivedAt: new Date() }]);
    expect(await lifetimes()).toStrictEqual([days * 86_400]);
  }
  const indexes = await database.collection('entries').indexes();
  const fields = new Set(indexes.map(({ key }) => Object.keys(key)[0]));
  for (const field of ['order', 'votes.contest', 'votes.choice', 'votes.voter', 'path'])
    expect(fields.has(field)).toBeTruthy();
  if (mongo.server?.kind === 'nx-27017') return t.skip('nx-27017 has no views and cannot drop an index by name');
  expect((await database.collection('votes').find({ choice: 'cats' }).toArray()).length).toBe(4);
  await using log = await openLogStore({ mongodbUrl: url, dataDir: dir, logTtlDays: 0 });
  await log.totals();
  expect(await lifetimes()).toStrictEqual([]);
});

async function assertRetention(place: Omit<LogSettings, 'logTtlDays'>): Promise<void> {
  const old = testEntry(1, { votes: [{}, {}] });
  const recent = { ...testEntry(2), receivedAt: new Date(Date.now() - 23 * 3_600_000) };
  {
    await using log = await openLogStore({ ...place, logTtlDays: 0 });
    await log.append([old, recent]);
    expect((await log.totals()).votes).toBe(3);
  }
  await using log = await openLogStore({ ...place, logTtlDays: 1 });
  await log.append([recent]);
  await waitFor(async () => (await log.totals()).votes === 1, { what: 'the old votes are removed' });
  expect(await log.vote(recent, 0)).not.toBe(undefined);
  await log.removeOlderThan(new Date());
}

function skip(t: TestContext): void {
  if (mongo.server === undefined) t.skip(mongo.reason);
}
