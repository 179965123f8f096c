import { assert, expect } from 'vitest';
import type { LoggedVote } from '../../log-store.ts';
import { LogDeadlineError, type ReadBounds } from '../../reads/read-deadline.ts';
import { TEST_TIME, testEntry } from '../test-entries.ts';
import { assertOrdered, type Check, placeOf, range } from './logged-votes.ts';

/** Tests of scans and ranges, and of how they end. */
export function testScanning(check: Check): void {
  check('scans each vote that existed at its start once, while others are written', async (log) => {
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

  check('stops a read at its deadline or when its signal aborts, and continues with other reads', async (log) => {
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

  check('reads a range of entry ids of one stream', async (log) => {
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
}
