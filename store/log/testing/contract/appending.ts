import { expect } from 'vitest';
import type { AppendOutcome, LogEntry } from '../../log-store.ts';
import { testEntry, testVoter } from '../test-entries.ts';
import { all, type Check, range } from './logged-votes.ts';

/** Tests of appends and of the stored content. */
export function testAppending(check: Check): void {
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

  check(
    'keeps both copies of an entry that arrives again with different content, and reports a conflict',
    async (log) => {
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
      expect((await log.append([other])).repeated, 'a repeat of the second copy is recognized as well').toBe(1);
      expect((await all(log)).map((vote) => vote.choice).sort()).toStrictEqual(['cats', 'cats', 'dogs']);
      expect((await log.vote(other, 0))?.choice, 'the first copy is returned').toBe('cats');
    },
  );

  check('rejects an entry that it cannot store, and stores the others', async (log) => {
    const bad = testEntry(2, { votes: [{}, { voter: new Uint8Array(3) }] });
    const outcome = await log.append([testEntry(1), bad, testEntry(3)]);
    expect(outcome.stored).toBe(2);
    expect(outcome.refused.map(({ entry }) => entry.entryId)).toStrictEqual([bad.entryId]);
    expect(outcome.refused[0]?.reason ?? '').toMatch(/voter key of vote 1/);
    expect(await log.totals()).toStrictEqual({ entries: 2, votes: 2 });
  });

  check('accepts concurrent appends', async (log) => {
    let failures = 0;
    const append = async (entries: LogEntry[]): Promise<AppendOutcome> => {
      try {
        return await log.append(entries);
      } catch (error) {
        // The server may time out on a busy machine; callers repeat the append.
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
    // A failed append may have stored entries without reporting them.
    if (failures === 0) expect(stored).toBe(450);
    expect(await log.totals()).toStrictEqual({ entries: 450, votes: 450 });
  });
}
