import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqliteLog } from '../../store/log/sqlite/sqlite-log.ts';
import { testEntry } from '../../store/log/testing/test-entries.ts';
import { startFakeMongo } from '../../store/log/testing/test-mongo.ts';
import { lazyLog } from './lazy-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-lazy-log-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('a log that is made after the first receipt was asked for is found', async () => {
  const settings = { mongodbUrl: undefined, dataDir: join(dir, 'later'), logTtlDays: 0 };
  const entry = testEntry(1);
  await using lazy = lazyLog(settings);
  assert.equal(await lazy.vote(entry, 0), undefined);
  await using log = openSqliteLog({ file: join(settings.dataDir, 'votes.db'), ttlDays: 0 });
  await log.append([entry]);
  assert.equal((await lazy.vote(entry, 0))?.choice, 'cats');
});

test('receipts that the log does not answer leave no connections behind', async () => {
  await using mongo = await startFakeMongo();
  await using lazy = lazyLog({ mongodbUrl: mongo.url, dataDir: dir, logTtlDays: 0 });
  let fails = true;
  mongo.answer = (name) => {
    if (name === 'find' && fails) return { ok: 0, code: 11_600, codeName: 'InterruptedAtShutdown', errmsg: 'bye' };
    return { ok: 1, cursor: { id: 0n, ns: 'test.entries', firstBatch: [] } };
  };
  const ask = () => lazy.vote(testEntry(1), 0);
  await assert.rejects(ask());
  const { open } = mongo;
  for (let n = 0; n < 4; n++) await assert.rejects(ask());
  // Some for the pool, and two that watch over the server.
  assert.ok(mongo.open <= open + 2, `${mongo.open} connections after 4 more receipts, ${open} before`);
  fails = false;
  assert.equal(await ask(), undefined);
});
