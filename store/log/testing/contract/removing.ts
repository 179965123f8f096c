import { expect } from 'vitest';
import type { LoggedVote } from '../../log-store.ts';
import { TEST_TIME, testEntry, testVoter } from '../test-entries.ts';
import { all, allPages, type Check, mixedEntries, range } from './logged-votes.ts';

/** Tests of the removal of votes. */
export function testRemoving(check: Check): void {
  check('removes exactly the entries older than the retention', async (log) => {
    const old = Array.from({ length: 700 }, (_, n) => testEntry(n, { votes: [{}, { choice: 'dogs' }] }));
    await log.append([...old, ...range(1000, 1010)]);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(1400);
    expect(await log.totals()).toStrictEqual({ entries: 10, votes: 10 });
    expect((await allPages(log, { limit: 100 })).length).toBe(10);
    expect((await all(log, { choice: 'dogs' })).length).toBe(0);
    expect((await all(log, { voter: testVoter('voter-5') })).length).toBe(0);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(0);
    expect((await log.append([...range(1005, 1006), testEntry(2000)])).stored, 'appends continue').toBe(1);
  });

  check('removes only the votes of a contest up to a time', async (log) => {
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
    // The other votes of an entry keep their indexes, and voters are still found by their remaining votes.
    const [first] = entries;
    if (first === undefined) throw new Error('there are entries');
    expect([await log.vote(first, 1), (await log.vote(first, 2))?.choice]).toStrictEqual([undefined, 'dogs']);
    const voter = testVoter('voter-0');
    const isOfVoter = (vote: LoggedVote) => Buffer.compare(vote.voter, voter) === 0;
    expect(await all(log, { voter })).toStrictEqual(kept.filter(isOfVoter));
    // The totals still agree with the ledger, and a repeated entry does not bring removed votes back.
    expect(await log.totals()).toStrictEqual({ entries: entries.length, votes: before.length });
    expect((await log.append(entries)).repeated).toBe(entries.length);
    expect(await all(log)).toStrictEqual(kept);
    expect(await log.removeOlderThan(new Date(TEST_TIME + 1000))).toBe(before.length);
    expect(await log.totals()).toStrictEqual({ entries: 0, votes: 0 });
  });
}
