import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BadCursorError } from '../log-cursor.ts';
import type { AppendOutcome, LogEntry, LoggedVote, LogQuery, LogStore } from '../log-store.ts';
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

  check('gives back a vote as it was', async (log) => {
    const vote = {
      contest: 'bandas',
      choice: 'alux-nahual',
      voter: testVoter('ana'),
      attributes: { album: 'Conquista 🎸', 'year.of': '1982', rank: '', __proto__x: 'y', constructor: 'z' },
      voteId: 'a1:b.C_d-e',
      sequence: Number.MAX_SAFE_INTEGER,
    };
    const entry = testEntry(1, { partition: 3, path: 'connect', edge: 'edge-β', votes: [{}, vote, {}] });
    assert.deepEqual(await log.append([entry]), { stored: 1, repeated: 0, conflicting: [], refused: [] });
    const { partition, epoch, entryId, path, edge, receivedAt } = entry;
    const expected = { partition, epoch, entryId, index: 1, path, edge, receivedAt, ...vote };
    assert.deepEqual(await log.vote(entry, 1), expected);
    assert.deepEqual((await log.page({ limit: 20, contest: 'bandas' })).items, [expected]);
    assert.equal(await log.vote(entry, 3), undefined);
    assert.equal(await log.vote({ ...entry, partition: 2 }, 1), undefined);
    assert.equal(await log.vote({ ...entry, epoch: 'e2' }, 1), undefined);
    assert.equal(await log.vote({ ...entry, entryId: 'nonsense' }, 1), undefined);
  });

  check('stores an entry once, however often it comes', async (log) => {
    const first = [testEntry(1), testEntry(2)];
    const second = [testEntry(2), testEntry(3), testEntry(1), testEntry(4)];
    assert.equal((await log.append(first)).stored, 2);
    const outcome = await log.append(second);
    assert.deepEqual(outcome, { stored: 2, repeated: 2, conflicting: [], refused: [] });
    assert.deepEqual(await log.totals(), { entries: 4, votes: 4 });
    assert.equal((await log.append([...first, ...second])).repeated, 6);
    assert.equal((await all(log)).length, 4);
  });

  check('tells apart the same entry id in another partition and in another epoch', async (log) => {
    const entries = [testEntry(1), testEntry(1, { partition: 1 }), testEntry(1, { epoch: 'e2' })];
    assert.equal((await log.append(entries)).stored, 3);
    assert.deepEqual(await log.totals(), { entries: 3, votes: 3 });
  });

  check('keeps both and alarms when a known entry comes with other content', async (log) => {
    const other = testEntry(1, { votes: [{ choice: 'dogs' }] });
    await log.append([testEntry(1)]);
    const outcome = await log.append([other, testEntry(2)]);
    const { partition, epoch, entryId } = other;
    assert.deepEqual(outcome, { stored: 1, repeated: 0, conflicting: [{ partition, epoch, entryId }], refused: [] });
    assert.equal((await log.append([other])).repeated, 1, 'a repeat of the second one is known as well');
    assert.deepEqual((await all(log)).map((vote) => vote.choice).sort(), ['cats', 'cats', 'dogs']);
    assert.equal((await log.vote(other, 0))?.choice, 'cats', 'the first one stands');
  });

  check('refuses what it cannot store, and loses none of its neighbours', async (log) => {
    const bad = testEntry(2, { votes: [{}, { voter: new Uint8Array(3) }] });
    const outcome = await log.append([testEntry(1), bad, testEntry(3)]);
    assert.equal(outcome.stored, 2);
    assert.deepEqual(
      outcome.refused.map(({ entry }) => entry.entryId),
      [bad.entryId],
    );
    assert.match(outcome.refused[0]?.reason ?? '', /voter key of vote 1/);
    assert.deepEqual(await log.totals(), { entries: 2, votes: 2 });
  });

  check('filters by each field alone and by all together', async (log) => {
    await log.append(mixedEntries());
    const everything = await all(log);
    assert.equal(everything.length, 90);
    const filters: Omit<LogQuery, 'limit'>[] = [
      {},
      { contest: 'bandas' },
      { choice: 'dogs' },
      { contest: 'cats-vs-dogs', choice: 'dogs' },
      { contest: 'bandas', choice: 'dogs' },
      { voter: testVoter('voter-4') },
      { voter: testVoter('nobody') },
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
      assert.deepEqual((await all(log, filter)).map(placeOf), expected, `scan ${label}`);
      const pages = await allPages(log, { ...filter, limit: 7 });
      assert.deepEqual(pages.map(placeOf).sort(), [...expected].sort(), `pages ${label}`);
    }
  });

  check('reads newest first, and last to first within an entry', async (log) => {
    await log.append(mixedEntries());
    const pages = await allPages(log, { limit: 1000 });
    assertOrdered(pages, -1);
    assert.deepEqual(pages.map(placeOf), (await all(log)).map(placeOf).reverse());
    assertOrdered(await all(log), 1);
  });

  check('shows each of many votes of the same moment once', async (log) => {
    const entries = Array.from({ length: 300 }, (_, n) =>
      testEntry(n, { at: 5, partition: n % 4, votes: [{}, {}, {}] }),
    );
    await log.append(entries);
    for (const limit of [1, 7, 1000]) {
      const pages =
        limit === 1 ? await allPages(log, { limit, voter: testVoter('voter-3') }) : await allPages(log, { limit });
      assert.equal(new Set(pages.map(placeOf)).size, pages.length);
      assert.equal(pages.length, limit === 1 ? 3 : 900);
    }
  });

  check('ends with null, also where the last page is full', async (log) => {
    await log.append([testEntry(1, { votes: [{}, {}] })]);
    assert.equal((await log.page({ limit: 2 })).next, null);
    assert.notEqual((await log.page({ limit: 1 })).next, null);
    assert.deepEqual(await log.page({ limit: 1, contest: 'nothing' }), { items: [], next: null });
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
    assert.equal(new Set(seen.map(placeOf)).size, seen.length, 'none twice');
    assert.equal(old.length, 50, 'none missing');
  });

  check('refuses a cursor that is not its own, and a limit out of range', async (log) => {
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
      await assert.rejects(log.page({ limit: 1, cursor }), BadCursorError, cursor.slice(0, 40));
    }
    for (const limit of [0, -1, 1001, 1.5, Number.NaN]) await assert.rejects(log.page({ limit }), RangeError);
  });

  check('scans what was there when it began, once each, while votes are written', async (log) => {
    await log.append(range(0, 3000, 3));
    const seen: LoggedVote[] = [];
    let added = 5000;
    for await (const vote of log.scan({})) {
      seen.push(vote);
      if (seen.length % 1000 === 0) await log.append(range(added, ++added));
    }
    const old = seen.filter((vote) => vote.receivedAt.getTime() < TEST_TIME + 4000);
    assert.equal(new Set(seen.map(placeOf)).size, seen.length, 'none twice');
    assert.equal(old.length, 9000, 'none missing');
    assertOrdered(seen, 1);
  });

  check('removes what is older than the retention, and only that', async (log) => {
    const old = Array.from({ length: 700 }, (_, n) => testEntry(n, { votes: [{}, { choice: 'dogs' }] }));
    await log.append([...old, ...range(1000, 1010)]);
    assert.equal(await log.removeOlderThan(new Date(TEST_TIME + 1000)), 1400);
    assert.deepEqual(await log.totals(), { entries: 10, votes: 10 });
    assert.equal((await allPages(log, { limit: 100 })).length, 10);
    assert.equal((await all(log, { choice: 'dogs' })).length, 0);
    assert.equal((await all(log, { voter: testVoter('voter-5') })).length, 0);
    assert.equal(await log.removeOlderThan(new Date(TEST_TIME + 1000)), 0);
    assert.equal((await log.append([...range(1005, 1006), testEntry(2000)])).stored, 1, 'it goes on as before');
  });

  check('takes appends of several callers at once', async (log) => {
    let failures = 0;
    const append = async (entries: LogEntry[]): Promise<AppendOutcome> => {
      try {
        return await log.append(entries);
      } catch (error) {
        // A server on a busy machine may take too long to connect; whoever writes the log repeats it then.
        if (++failures > 100) throw error;
        return append(entries);
      }
    };
    const callers = Array.from({ length: 8 }, (_, caller) => append(range(caller * 50, caller * 50 + 100)));
    let stored = 0;
    for (const outcome of await Promise.all(callers)) {
      assert.deepEqual({ ...outcome, repeated: 100 - outcome.stored }, outcome);
      stored += outcome.stored;
    }
    // What an append stored before it failed is told by nobody.
    if (failures === 0) assert.equal(stored, 450);
    assert.deepEqual(await log.totals(), { entries: 450, votes: 450 });
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
    assert.ok(before !== undefined && sign * (vote.receivedAt.getTime() - before.receivedAt.getTime()) >= 0);
    if (vote.entryId === before.entryId && vote.partition === before.partition) {
      assert.equal(Math.sign(vote.index - before.index), sign);
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
    assert.ok(page.items.length <= query.limit);
    votes.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return votes;
}
