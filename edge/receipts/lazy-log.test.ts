import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSqliteLog } from '../../store/log/sqlite/sqlite-log.ts';
import { testEntry } from '../../store/log/testing/test-entries.ts';
import { startFakeMongo } from '../../store/log/testing/test-mongo.ts';
import { lazyLog } from './lazy-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-lazy-log-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('finds a log created after the first look-up', async () => {
  const settings = { mongodbUrl: undefined, dataDir: join(dir, 'later'), logTtlDays: 0 };
  const entry = testEntry(1);
  await using lazy = lazyLog(settings);
  expect(await lazy.vote(entry, 0)).toBe(undefined);
  await using log = openSqliteLog({ file: join(settings.dataDir, 'votes.db'), ttlDays: 0 });
  await log.append([entry]);
  expect((await lazy.vote(entry, 0))?.choice).toBe('cats');
});

test('failed look-ups leave no connections behind', async () => {
  await using mongo = await startFakeMongo();
  await using lazy = lazyLog({ mongodbUrl: mongo.url, dataDir: dir, logTtlDays: 0 });
  let fails = true;
  mongo.answer = (name) => {
    if (name === 'find' && fails) return { ok: 0, code: 11_600, codeName: 'InterruptedAtShutdown', errmsg: 'bye' };
    return { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch: [] } };
  };
  const ask = () => lazy.vote(testEntry(1), 0);
  await expect(ask()).rejects.toThrow();
  const { open } = mongo;
  for (let n = 0; n < 4; n++) await expect(ask()).rejects.toThrow();
  // Some connections are for the pool, and two monitor the server.
  expect(mongo.open, `${mongo.open} connections after 4 more receipts, ${open} before`).toBeLessThanOrEqual(open + 2);
  fails = false;
  expect(await ask()).toBe(undefined);
});
