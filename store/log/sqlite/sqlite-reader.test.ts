import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { testEntry, testVoter } from '../testing/test-entries.ts';
import { openSqliteLog } from './sqlite-log.ts';
import type { ReadRequest } from './sqlite-messages.ts';
import { SqliteReader } from './sqlite-reader.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-sqlite-reader-'));
afterAll(() => rmSync(dir, { recursive: true }));

const ENTRIES = 1000;

test('a read in slices finds each vote once and reads a bounded number of entries per slice', async () => {
  const file = join(dir, 'votes.db');
  await using log = openSqliteLog({ file, ttlDays: 0 });
  const contests = ['bandas', 'cats-vs-dogs', 'pets'];
  const entries = Array.from({ length: ENTRIES }, (_, n) => {
    const votes = contests.map((contest) => ({ contest, voter: testVoter(`voter-${n % 3}`) }));
    return testEntry(n, { at: n % 50, votes: votes.slice(0, 1 + (n % 3)) });
  });
  await log.append(entries);
  const database = new DatabaseSync(file);
  const reader = new SqliteReader(database);
  const filters = [{}, { choice: 'cats' }, { contest: 'pets' }, { voter: testVoter('voter-1') }, { choice: 'none' }];
  for (const filter of filters) {
    for (const newestFirst of [true, false]) {
      const whole: ReadRequest = {
        filter,
        newestFirst,
        from: undefined,
        belowId: undefined,
        votes: 10_000,
        sliceMs: 60_000,
      };
      const { rows: expected } = reader.read(whole);
      const found: number[] = [];
      let from: ReadRequest['from'];
      let slices = 0;
      do {
        const { rows, next } = reader.read({ ...whole, from, sliceMs: -1 });
        expect(rows.length).toBeLessThanOrEqual(64);
        found.push(...rows.map(({ id }) => id));
        from = next;
        slices++;
      } while (from !== undefined);
      const label = JSON.stringify([filter, newestFirst]);
      expect(found, label).toStrictEqual(expected.map(({ id }) => id));
      expect(slices, label).toBe(Math.floor(expected.length / 64) + 1);
    }
  }
  database.close();
});
