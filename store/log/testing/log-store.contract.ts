import { assert, expect, type TestContext, test } from 'vitest';
import type { AppendOutcome, LogEntry, LoggedVote, LogQuery, LogStore } from '../log-store.ts';
import { BadCursorError } from '../reads/log-cursor.ts';
import { LogDeadlineError, type ReadBounds } from '../reads/read-deadline.ts';
import { TEST_TIME, testEntry, testVoter } from './test-entries.ts';

/** What every LogStore does. `open` gives a store of its own to each test, or says why there is none. */
export function testLogStore(name: string, open: (t: TestContext) => Promise<LogStore | { skip: string }>): void {
  const check = (title: string, body: (log: LogStore) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const opened = await open(t);
      if ('skip' in opened) return t.skip(opened.skip);
      await using log = opened;
      await body(log);
    });

  check('returns a vote unchanged', async (log) => {
    const vote = {
      contest: 'bandas',
      choice: 'alux-nahual',
      voter: testVoter('ana'),
      attributes: { album: 'Conquista 🎸', 'year.of': '1982', rank: '', __proto__x: 'y', constructor: 'z' },
      voteId: 'a1:b.C_d-e',
      sequence: Number.MAX_SAFE_INTEGER,
    };
    const entry = testEntry(1, { partition: 3, path: 'connect', edge: 'edge-β', votes: [{}, vote, {}] });
    expect(await log.append([entry])).toStrictEqual({ stored: 1, repeated: 0, conflicting: [], refused: [] });
    const { partition, epoch, entryId, path, edge, receivedAt } = entry;
    const expected = { partition, epoch, entryId, index: 1, path, edge, receivedAt, ...vote };
    expect(await log.vote(entry, 1)).toStrictEqual(expected);
    expect((await log.page({ limit: 20, contest: 'bandas' })).items).toStrictEqual([expected]);
    expect(await log.vote(entry, 3)).toBe(undefined);
    expect(await log.vote({ ...entry, partition: 2 }, 1)).toBe(undefined);
    expect(await log.vote({ ...entry, epoch: 'e2' }, 1)).toBe(undefined);
    expect(await log.vote({ ...entry, entryId: 'nonsense' }, 1)).toBe(undefined);
  });

  check('stores a repeated entry once', async (log) => {
    const first = [testEntry(1), testEntry(2)];
    const second = [testEntry(2), testEntry(3), testEntry(1), testEntry(4)];
    expect((await log.append(first)).stored).toBe(2);
    const outcome = await log.append(second);
    expect(outcome).toStrictEqual({ stored: 2, repeated: 2, conflicting: [], refused: [] });
    expect(await log.totals()).toStrictEqual({ entries: 4, votes: 4 });
    expect((await log.append([...first, ...second])).repeated).toBe(6);
    expect((await all(log)).length).toBe(4);
  });

  check('distinguishes an entry id by partition and epoch', async (log) => {
    const entries = [testEntry(1), testEntry(1, { partition: 1 }), testEntry(1, { epoch: 'e2' })];
    expect((await log.append(entries)).stored).toBe(3);
    expect(await log.totals()).toStrictEqual({ entries: 3, votes: 3 });
  });

  check('keeps both copies and alarms if an entry arrives again with different content', async (log) => {
    const other = testEntry(1, { votes: [{ choice: 'dogs' }] });
    await log.append([testEntry(1)]);
    const outcome = await log.append([other, testEntry(2)]);
    const { partition, epoch, entryId } = other;
    expect(outcome).toStrictEqual({
      stored: 1,
      repeated: 0,
      conflicting: [{ partition, epoch, entryId }],
      refused: [],
    });
    expect((await log.append([other])).repeated, 'a repeat of the second one is known as well').toBe(1);
    expect((await all(log)).map((vote) => vote.choice).sort()).toStrictEqual(['cats', 'cats', 'dogs']);
    expect((await log.vote(other, 0))?.choice, 'the first copy is returned').toBe('cats');
  });

  check('rejects an entry that it cannot store, and stores the others', async (log) => {
    const bad = testEntry(2, { votes: [{}, { voter: new Uint8Array(3) }] });
    const outcome = await log.append([testEntry(1), bad, testEntry(3)]);
    expect(outcome.stored).toBe(2);
    expect(outcome.refused.map(({ entry }) => entry.entryId)).toStrictEqual([bad.entryId]);
    expect(outcome.refused[0]?.reason ?? '').toMatch(/voter key of vote 1/);
    expect(await log.totals()).toStrictEqual({ entries: 2, votes: 2 });
  });

  check('filters by each field and by all of them', async (log) => {
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

  check('reads newest first, and last to first within an entry', async (log) => {
    await log.append(mixedEntries());
    const pages = await allPages(log, { limit: 1000 });
    assertOrdered(pages, -1);
    expect(pages.map(placeOf)).toStrictEqual((await all(log)).map(placeOf).reverse());
    assertOrdered(await all(log), 1);
  });

  check('shows each of many votes with the same time once', async (log) => {
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

  check('ends with null, even if the last page is full', async (log) => {
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
      // Newer ones, and one of a partition that lags behind and is older than all.
      await log.append([...range(added, added + 5), testEntry(added + 1000, { at: -added })]);
      added += 5;
    } while (cursor !== undefined && added < 1000);
    const old = seen.filter(
      (vote) => vote.receivedAt.getTime() < TEST_TIME + 100 && vote.receivedAt.getTime() >= TEST_TIME,
    );
    expect(new Set(seen.map(placeOf)).size, 'none twice').toBe(seen.length);
    expect(old.length, 'none missing').toBe(50);
  });

  check('rejects a foreign cursor and a limit out of range', async (log) => {
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

  check('scans the votes that existed at its start once each, while others are written', async (log) => {
    await log.append(range(0, 3000, 3));
    const seen: LoggedVote[] = [];
    let added = 5000;
    for await (const vote of log.scan({})) {
      seen.push(vote);
      if (seen.length % 1000 === 0) await log.append(range(added, ++added));
    }
    const old = seen.filter((vote) => vote.receivedAt.getTime() < TEST_TIME + 4000);
    expect(new Set(seen.map(placeOf)).size, 'none twice').toBe(seen.length);
    expect(old.length, 'none missing').toBe(9000);
    assertOrdered(seen, 1);
  });

  check('ends a read whose time is over or whose caller has left, and goes on with the others', async (log) => {
    await log.append(range(0, 3000, 3));
    const late = { timeoutMs: 0 };
    const left = { signal: AbortSignal.abort(new Error('The caller left')) };
    const [entry] = range(0, 1);
    assert(entry !== undefined);
    const reads = [
      (bounds: ReadBounds) => log.page({ limit: 10 }, bounds),
      (bounds: ReadBounds) => log.vote(entry, 0, bounds),
      async (bounds: ReadBounds) => {
        for await (const _ of log.scan({}, bounds)) expect.unreachable('a scan without time found a vote');
      },
    ];
    const all = reads.flatMap((read) => [
      expect(read(late)).rejects.toThrow(LogDeadlineError),
      expect(read(left)).rejects.toThrow('The caller left'),
      read({ timeoutMs: 30_000, signal: new AbortController().signal }).catch((error: unknown) => {
        // A scan that has time finds votes.
        if (!String(error).includes('a scan without time')) throw error;
      }),
    ]);
    await Promise.all(all);
    const leaving = new AbortController();
    let seen = 0;
    const scan = async () => {
      for await (const _ of log.scan({}, { signal: leaving.signal })) {
        if (++seen === 100) leaving.abort(new Error('The caller left'));
      }
    };
    await expect(scan()).rejects.toThrow('The caller left');
    expect(seen, 'votes of 9,000 that were read').toBeLessThan(5000);
    expect((await log.page({ limit: 10 })).items.length).toBe(10);
  });

  check('removes exactly the entries older than the retention', async (log) => {
    const old = Array.from({ length: 700 }, (_, n) => testEntry(n, { votes: [{}, { choice: 'dogs' }] }));
    await log.append([...old, ...range(1000, 1010)]);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(1400);
    expect(await log.totals()).toStrictEqual({ entries: 10, votes: 10 });
    expect((await allPages(log, { limit: 100 })).length).toBe(10);
    expect((await all(log, { choice: 'dogs' })).length).toBe(0);
    expect((await all(log, { voter: testVoter('voter-5') })).length).toBe(0);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(0);
    expect((await log.append([...range(1005, 1006), testEntry(2000)])).stored, 'it goes on as before').toBe(1);
  });

  check('reads a range of ids of one stream', async (log) => {
    const entries = Array.from({ length: 300 }, (_, n) => testEntry(n, { partition: n % 2, votes: [{}, {}] }));
    await log.append([...entries, testEntry(20, { epoch: 'e2' })]);
    const ids = async (after: number, upTo: number) => {
      const found: string[] = [];
      const id = (n: number) => ({ ms: TEST_TIME + n, n: 0 });
      for await (const vote of log.range({ partition: 0, epoch: 'e1', after: id(after), upTo: id(upTo) })) {
        if (vote.index === 0) found.push(vote.entryId);
      }
      return found;
    };
    expect(await ids(10, 16)).toStrictEqual([12, 14, 16].map((n) => `${TEST_TIME + n}-0`));
    expect((await ids(-1, 1000)).length).toBe(150);
    expect(await ids(1000, 2000)).toStrictEqual([]);
  });

  check('accepts concurrent appends', async (log) => {
    let failures = 0;
    const append = async (entries: LogEntry[]): Promise<AppendOutcome> => {
      try {
        return await log.append(entries);
      } catch (error) {
        // A server on a busy machine may time out; callers repeat the append.
        if (++failures > 100) throw error;
        return append(entries);
      }
    };
    const callers = Array.from({ length: 8 }, (_, caller) => append(range(caller * 50, caller * 50 + 100)));
    let stored = 0;
    for (const outcome of await Promise.all(callers)) {
      expect({ ...outcome, repeated: 100 - outcome.stored }).toStrictEqual(outcome);
      stored += outcome.stored;
    }
    // An append that failed may have stored entries without reporting them.
    if (failures === 0) expect(stored).toBe(450);
    expect(await log.totals()).toStrictEqual({ entries: 450, votes: 450 });
  });

  check('removes the votes of a contest up to a time, and nothing else', async (log) => {
    const entries = mixedEntries();
    await log.append(entries);
    const before = await all(log);
    const upTo = new Date(TEST_TIME + 20);
    const isRemoved = ({ contest, entryId }: LoggedVote) =>
      contest === 'bandas' && Number.parseInt(entryId, 10) <= upTo.getTime();
    const kept = before.filter((vote) => !isRemoved(vote));
    expect(await log.removeContest('bandas', upTo)).toBe(before.length - kept.length);
    expect(await log.removeContest('bandas', upTo)).toBe(0);
    expect(await log.removeContest('nothing', upTo)).toBe(0);
    expect(await all(log)).toStrictEqual(kept);
    expect((await log.page({ limit: 1000 })).items.length).toBe(kept.length);
    const left = await all(log, { contest: 'bandas' });
    expect(left.length).toBe(9);
    // The votes beside a removed one keep their places, and voters are found in those they still have.
    const [first] = entries;
    if (first === undefined) throw new Error('there are entries');
    expect([await log.vote(first, 1), (await log.vote(first, 2))?.choice]).toStrictEqual([undefined, 'dogs']);
    const voter = testVoter('voter-0');
    const isOfVoter = (vote: LoggedVote) => Buffer.compare(vote.voter, voter) === 0;
    expect(await all(log, { voter })).toStrictEqual(kept.filter(isOfVoter));
    // The totals agree with the ledger, and a repeat of an entry brings nothing back.
    expect(await log.totals()).toStrictEqual({ entries: entries.length, votes: before.length });
    expect((await log.append(entries)).repeated).toBe(entries.length);
    expect(await all(log)).toStrictEqual(kept);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(before.length);
    expect(await log.totals()).toStrictEqual({ entries: 0, votes: 0 });
  });
}

/** Entries that differ in everything a filter may ask for; ties and more than one contest an entry among them. */
function mixedEntries(): LogEntry[] {
  return Array.from({ length: 30 }, (_, n) =>
    testEntry(n, {
      at: Math.floor(n / 2),
      partition: n % 4,
      path: (['http', 'grpc', 'connect'] as const)[n % 3] ?? 'http',
      votes: [
        { voter: testVoter(`voter-${n % 5}`), choice: n % 2 === 0 ? 'cats' : 'dogs' },
        { voter: testVoter(`voter-${n % 7}`), contest: 'bandas', choice: n % 2 === 0 ? 'dogs' : 'bohemia' },
        { voter: testVoter(`voter-${n % 11}`), choice: 'dogs' },
      ],
    }),
  );
}

function range(from: number, to: number, votes = 1): LogEntry[] {
  return Array.from({ length: to - from }, (_, n) =>
    testEntry(from + n, { partition: (from + n) % 4, votes: Array.from({ length: votes }, () => ({})) }),
  );
}

function matches(vote: LoggedVote, filter: Omit<LogQuery, 'limit'>): boolean {
  const at = vote.receivedAt.getTime();
  return (
    (filter.contest ?? vote.contest) === vote.contest &&
    (filter.choice ?? vote.choice) === vote.choice &&
    (filter.path ?? vote.path) === vote.path &&
    Buffer.compare(filter.voter ?? vote.voter, vote.voter) === 0 &&
    at >= (filter.since?.getTime() ?? at) &&
    at < (filter.until?.getTime() ?? at + 1)
  );
}

function assertOrdered(votes: readonly LoggedVote[], sign: 1 | -1): void {
  for (const [index, vote] of votes.slice(1).entries()) {
    const before = votes[index];
    assert(before !== undefined && sign * (vote.receivedAt.getTime() - before.receivedAt.getTime()) >= 0);
    if (vote.entryId === before.entryId && vote.partition === before.partition) {
      expect(Math.sign(vote.index - before.index)).toBe(sign);
    }
  }
}

function placeOf(vote: LoggedVote): string {
  return `${vote.partition} ${vote.epoch} ${vote.entryId} ${vote.index}`;
}

async function all(log: LogStore, filter: Omit<LogQuery, 'limit'> = {}): Promise<LoggedVote[]> {
  const votes: LoggedVote[] = [];
  for await (const vote of log.scan(filter)) votes.push(vote);
  return votes;
}

async function allPages(log: LogStore, query: LogQuery): Promise<LoggedVote[]> {
  const votes: LoggedVote[] = [];
  let cursor: string | undefined;
  do {
    const page = await log.page({ ...query, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    votes.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return votes;
}
