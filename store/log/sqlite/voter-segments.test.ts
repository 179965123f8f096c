import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import type { LogStore } from '../log-store.ts';
import { TEST_TIME, testEntry, testVoter } from '../testing/test-entries.ts';
import { openSqliteLog } from './sqlite-log.ts';
import { VOTES_PER_SEGMENT } from './voter-segments.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-voter-segments-'));
afterAll(() => rmSync(dir, { recursive: true }));

const PER_ENTRY = 1000;
const ENTRIES = 40;

/** In each entry, vote 0 is ana's, and all others have different voters. */
async function fill(log: LogStore): Promise<void> {
  for (let n = 1; n <= ENTRIES; n++) {
    const others = Array.from({ length: PER_ENTRY - 1 }, (_, i) => ({ voter: testVoter(`voter-${n}-${i}`) }));
    await log.append([testEntry(n, { votes: [{ voter: testVoter('ana') }, ...others] })]);
  }
}

async function entriesOf(log: LogStore, name: string): Promise<number[]> {
  const { items } = await log.page({ limit: 1000, voter: testVoter(name) });
  return items.map(({ entryId }) => Number.parseInt(entryId, 10) - TEST_TIME);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => to - i);

test('finds a voter in sealed segments and among the votes after them', async () => {
  const file = join(dir, 'sealed.db');
  await using log = openSqliteLog({ file, ttlDays: 0 });
  await fill(log);
  expect(sealed(file)).toBe(Math.floor((ENTRIES * PER_ENTRY) / VOTES_PER_SEGMENT));
  expect(await entriesOf(log, 'ana')).toStrictEqual(range(1, ENTRIES));
  // The first entry, the one that spans two segments, and the last one, which is not sealed.
  const border = Math.floor(VOTES_PER_SEGMENT / PER_ENTRY) + 1;
  for (const n of [1, border, border + 1, ENTRIES]) {
    expect(await entriesOf(log, `voter-${n}-${PER_ENTRY - 2}`)).toStrictEqual([n]);
  }
  expect(await entriesOf(log, 'no one')).toStrictEqual([]);
});

test('does not find removed entries, and removes segments without entries', async () => {
  const file = join(dir, 'removed.db');
  await using log = openSqliteLog({ file, ttlDays: 0 });
  await fill(log);
  await log.removeOlderThan(new Date(TEST_TIME + 21));
  expect(await entriesOf(log, 'ana')).toStrictEqual(range(21, ENTRIES));
  expect(segments(file)).toStrictEqual([1]);
});

test('a file of the first version can be searched, and later appends seal its segments', async () => {
  const file = join(dir, 'old.db');
  {
    await using log = openSqliteLog({ file, ttlDays: 0 });
    await fill(log);
  }
  using database = new DatabaseSync(file);
  database.exec(`
    DROP TABLE voter_segments;
    ALTER TABLE totals DROP COLUMN sealed;
    CREATE TABLE entries_by_voter (
      segment INTEGER NOT NULL,
      prefix INTEGER NOT NULL,
      entry INTEGER NOT NULL,
      PRIMARY KEY (segment, prefix, entry)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;`);
  await using log = openSqliteLog({ file, ttlDays: 0 });
  expect(await entriesOf(log, 'ana')).toStrictEqual(range(1, ENTRIES));
  expect(segments(file)).toStrictEqual([]);
  await log.append([testEntry(ENTRIES + 1, { votes: [{ voter: testVoter('ana') }] })]);
  expect(segments(file)).toStrictEqual([0, 1]);
  expect(await entriesOf(log, 'ana')).toStrictEqual(range(1, ENTRIES + 1));
});

function sealed(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return Number(database.prepare('SELECT sealed FROM totals').get()?.sealed);
}

function segments(file: string): number[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT DISTINCT segment FROM voter_segments ORDER BY segment').all();
  return rows.map(({ segment }) => Number(segment));
}
