import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testEntry } from '../testing/test-entries.ts';
import { openSqliteLog } from './sqlite-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-sqlite-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('after the file is deleted, an append is rejected once, and its repeat goes into the file that others read', async () => {
  const file = join(dir, 'deleted.db');
  await using writer = openSqliteLog({ file, ttlDays: 0 });
  await using reader = openSqliteLog({ file, ttlDays: 0 });
  await writer.append([testEntry(1)]);
  expect((await reader.totals()).votes).toBe(1);
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  await expect(writer.append([testEntry(2)])).rejects.toThrow(/deleted\.db was deleted, moved or replaced/);
  expect((await writer.append([testEntry(2)])).stored).toBe(1);
  expect((await reader.totals()).votes, 'a connection that was open before').toBe(1);
  await using later = openSqliteLog({ file, ttlDays: 0 });
  expect((await later.totals()).votes, 'a connection that was opened afterwards').toBe(1);
});

test('after the file is replaced, reads and writes use the new one', async () => {
  const [file, backup] = [join(dir, 'replaced.db'), join(dir, 'backup.db')];
  await using log = openSqliteLog({ file, ttlDays: 0 });
  await log.append([testEntry(1), testEntry(2)]);
  {
    await using other = openSqliteLog({ file: backup, ttlDays: 0 });
    await other.append([testEntry(1)]);
  }
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  renameSync(backup, file);
  expect((await log.totals()).votes).toBe(1);
  await expect(log.append([testEntry(3)])).rejects.toThrow(/replaced/);
  await log.append([testEntry(3)]);
  expect((await log.totals()).votes).toBe(2);
});

test('the error for a damaged file names it', async () => {
  const file = join(dir, 'damaged.db');
  await using log = openSqliteLog({ file, ttlDays: 0 });
  await log.append([testEntry(1)]);
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  // Replaces the file with another one.
  rmSync(file);
  writeFileSync(file, Buffer.alloc(8192, 0xff));
  await expect(log.totals()).rejects.toThrow(/damaged\.db/);
});
