import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { LogQuery, LogStore } from '../log-store.ts';
import { testEntry } from '../testing/test-entries.ts';
import { openSqliteLog } from './sqlite-log.ts';

/** Removes the path from the pairs, as in files of version 2. */
const TO_VERSION_2 = `
  CREATE TABLE old_pairs (
    id INTEGER PRIMARY KEY, contest TEXT NOT NULL, choice TEXT NOT NULL, UNIQUE (contest, choice)
  ) STRICT;
  INSERT INTO old_pairs (contest, choice) SELECT DISTINCT contest, choice FROM pairs;
  CREATE TABLE old_index (
    pair INTEGER NOT NULL, received INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (pair, received, entry)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO old_index
    SELECT old_pairs.id, received, entry FROM entries_by_pair JOIN pairs ON pairs.id = pair
    JOIN old_pairs USING (contest, choice);
  DROP TABLE entries_by_pair;
  DROP TABLE pairs;
  ALTER TABLE old_pairs RENAME TO pairs;
  ALTER TABLE old_index RENAME TO entries_by_pair;
  PRAGMA user_version = 2;`;

const QUERIES: readonly Omit<LogQuery, 'limit'>[] = [
  {},
  { contest: 'bandas' },
  { choice: 'cats' },
  { path: 'grpc' },
  { contest: 'cats-vs-dogs', path: 'grpc' },
  { contest: 'bandas', choice: 'alux-nahual', path: 'http' },
  { choice: 'dogs', path: 'connect' },
];

async function found(log: LogStore): Promise<string[][]> {
  const pages = await Promise.all(QUERIES.map((query) => log.page({ ...query, limit: 1000 })));
  return pages.map(({ items }) => items.map(({ entryId, index }) => `${entryId} ${index}`));
}

test('adds the paths to the pairs of an older file', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'votewire-schema-'));
  try {
    const file = join(dir, 'votes.db');
    let before: string[][];
    {
      await using log = openSqliteLog({ file, ttlDays: 0 });
      const votes = [{}, { choice: 'dogs' }, { contest: 'bandas', choice: 'alux-nahual' }];
      const paths = ['http', 'grpc', 'connect'] as const;
      await log.append(
        Array.from({ length: 30 }, (_, n) =>
          testEntry(n, { path: paths[n % 3] ?? 'http', votes: votes.slice(0, 1 + (n % 4)) }),
        ),
      );
      before = await found(log);
      expect(before.every((items) => items.length > 0)).toBe(true);
    }
    {
      using database = new DatabaseSync(file);
      database.exec(TO_VERSION_2);
    }
    await using log = openSqliteLog({ file, ttlDays: 0 });
    expect(await found(log)).toStrictEqual(before);
    await log.append([testEntry(99, { path: 'connect', votes: [{ choice: 'dogs' }] })]);
    expect((await found(log))[6]?.length).toBe((before[6]?.length ?? 0) + 1);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
