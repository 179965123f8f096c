import { expect } from 'vitest';
import type { LoggedVote, LogQuery } from '../../log-store.ts';
import { BadCursorError } from '../../reads/log-cursor.ts';
import { TEST_TIME, testEntry, testVoter } from '../test-entries.ts';
import { all, allPages, assertOrdered, type Check, matches, mixedEntries, placeOf, range } from './logged-votes.ts';

/** Tests of pages and filters. */
export function testPaging(check: Check): void {
  check('filters by each field and by all fields together', async (log) => {
    await log.append(mixedEntries());
    const everything = await all(log);
    expect(everything.length).toBe(90);
    const filters: Omit<LogQuery, 'limit'>[] = [
      {},
      { contest: 'bandas' },
      { choice: 'dogs' },
      { contest: 'cats-vs-dogs', choice: 'dogs' },
      { contest: 'bandas', choice: 'dogs' },
      { voter: testVoter('voter-4') },
      { voter: testVoter('unknown') },
      { path: 'grpc' },
      { path: 'grpc', contest: 'bandas' },
      { since: new Date(TEST_TIME + 10) },
      { until: new Date(TEST_TIME + 10) },
      { since: new Date(TEST_TIME + 10), until: new Date(TEST_TIME + 11), contest: 'cats-vs-dogs' },
      { since: new Date(TEST_TIME + 12), until: new Date(TEST_TIME + 11) },
      { voter: testVoter('voter-4'), path: 'http', contest: 'cats-vs-dogs', choice: 'dogs' },
      { contest: 'nothing' },
      { contest: '$ne' },
    ];
    for (const filter of filters) {
      const expected = everything.filter((vote) => matches(vote, filter)).map(placeOf);
      const label = JSON.stringify(filter);
      expect((await all(log, filter)).map(placeOf), `scan ${label}`).toStrictEqual(expected);
      const pages = await allPages(log, { ...filter, limit: 7 });
      expect(pages.map(placeOf).sort(), `pages ${label}`).toStrictEqual([...expected].sort());
    }
  });

  check('reads newest first, and in reverse order within an entry', async (log) => {
    await log.append(mixedEntries());
    const pages = await allPages(log, { limit: 1000 });
    assertOrdered(pages, -1);
    expect(pages.map(placeOf)).toStrictEqual((await all(log)).map(placeOf).reverse());
    assertOrdered(await all(log), 1);
  });

  check('shows each of many votes with the same time exactly once', async (log) => {
    const entries = Array.from({ length: 300 }, (_, n) =>
      testEntry(n, { at: 5, partition: n % 4, votes: [{}, {}, {}] }),
    );
    await log.append(entries);
    for (const limit of [1, 7, 1000]) {
      const pages =
        limit === 1 ? await allPages(log, { limit, voter: testVoter('voter-3') }) : await allPages(log, { limit });
      expect(new Set(pages.map(placeOf)).size).toBe(pages.length);
      expect(pages.length).toBe(limit === 1 ? 3 : 900);
    }
  });

  check('next is null on the last page, even if that page is full', async (log) => {
    await log.append([testEntry(1, { votes: [{}, {}] })]);
    expect((await log.page({ limit: 2 })).next).toBe(null);
    expect((await log.page({ limit: 1 })).next).not.toBe(null);
    expect(await log.page({ limit: 1, contest: 'nothing' })).toStrictEqual({ items: [], next: null });
  });

  check('pages stay stable while votes are written', async (log) => {
    await log.append(range(0, 50));
    const seen: LoggedVote[] = [];
    let cursor: string | undefined;
    let added = 100;
    do {
      const page = await log.page({ limit: 7, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.items);
      cursor = page.next ?? undefined;
      // Newer entries, and an older one from a partition that lags behind.
      await log.append([...range(added, added + 5), testEntry(added + 1000, { at: -added })]);
      added += 5;
    } while (cursor !== undefined && added < 1000);
    const old = seen.filter(
      (vote) => vote.receivedAt.getTime() < TEST_TIME + 100 && vote.receivedAt.getTime() >= TEST_TIME,
    );
    expect(new Set(seen.map(placeOf)).size, 'none twice').toBe(seen.length);
    expect(old.length, 'none missing').toBe(50);
  });

  check('rejects a cursor of another store and a limit out of range', async (log) => {
    await log.append(range(0, 3));
    const { next } = await log.page({ limit: 1 });
    const broken = Buffer.from(`["${log.kind}",0,{"$gt":""}]`).toString('base64url');
    for (const cursor of [
      '',
      'nonsense',
      '%%%',
      'x'.repeat(5000),
      broken,
      `${next}x`.slice(3),
      'WyJvdGhlciIsMCwiMSJd',
    ]) {
      await expect(log.page({ limit: 1, cursor }), cursor.slice(0, 40)).rejects.toThrow(BadCursorError);
    }
    for (const limit of [0, -1, 1001, 1.5, Number.NaN]) await expect(log.page({ limit })).rejects.toThrow(RangeError);
  });
}
