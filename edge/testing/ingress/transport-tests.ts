import { assert, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { SuiteClient } from '../suite-clients.ts';
import { codeOf, type IngressSystem, known } from './ingress-system.ts';

/** Tests of one transport under normal conditions. */
export function testTransport(system: IngressSystem, transport: string): void {
  describe(transport, () => {
    let client: SuiteClient;
    beforeAll(() => {
      client = system.clients.get(transport) ?? assert.fail('not connected');
    });

    const newContest = async (rule?: 'one-per-voter' | 'open') => known(client, await system.openContest(rule));

    test('accepts a vote, and its receipt shows when it is counted', async () => {
      const contest = await newContest();
      const reply = await client.cast({ contest, choice: 'a', voter: 'ana' });
      assert(reply.ok, JSON.stringify(reply));
      expect(reply.status).toBe('queued');
      await waitFor(async () => (await system.receiptStatus(reply.receipt)) === 'counted');
      expect((await system.results(contest)).total).toBe(1);
    });

    test('waits for the count, and moves a changed vote', async () => {
      const contest = await newContest();
      const first = await client.cast({ contest, choice: 'a', voter: 'luis' }, true);
      assert(first.ok && first.status === 'counted', JSON.stringify(first));
      const second = await client.cast({ contest, choice: 'b', voter: 'luis' }, true);
      assert(second.ok && second.status === 'counted', JSON.stringify(second));
      const { total, options } = await system.results(contest);
      expect([total, ...options.map(({ count }: { count: number }) => count)]).toStrictEqual([1, 0, 1]);
      expect(await system.receiptStatus(first.receipt)).toBe('superseded');
      const newer = await client.cast({ contest, choice: 'a', voter: 'eva', sequence: 7 }, true);
      const older = await client.cast({ contest, choice: 'b', voter: 'eva', sequence: 3 }, true);
      expect(newer.ok && newer.status).toBe('counted');
      expect(older.ok && older.status).toBe('superseded');
    });

    test('counts a repeated vote_id once', async () => {
      const contest = await newContest('open');
      const vote = { contest, choice: 'a', voter: 'ana', vote_id: 'v-1', attributes: { year: '1996' } };
      const first = await client.cast(vote, true);
      const second = await client.cast(vote, true);
      expect(first.ok && first.status).toBe('counted');
      expect(second.ok && second.status).toBe('duplicate');
      expect((await system.results(contest)).total).toBe(1);
    });

    test('rejects invalid votes, and counts none of them', async () => {
      const contest = await newContest();
      const vote = { contest, choice: 'a', voter: 'x' };
      const rows: [string, Record<string, unknown>][] = [
        ['unknown_contest', { ...vote, contest: 'missing' }],
        ['unknown_choice', { ...vote, choice: 'c' }],
        ['missing_field', { contest, choice: 'a' }],
        ['invalid_character', { ...vote, voter: 'a\u0000b' }],
        ['invalid_character', { ...vote, voter: 'a\u200bb' }],
        ['too_long', { ...vote, voter: 'x'.repeat(129) }],
        ['too_many_attributes', { ...vote, attributes: Object.fromEntries([...'abcdefghi'].map((key) => [key, ''])) }],
        ['out_of_range', { ...vote, sequence: 2 ** 53 }],
        ['out_of_range', { ...vote, sequence: 2 ** 53 - 1 }],
        ['too_large', { ...vote, attributes: { a: 'x'.repeat(5000) } }],
      ];
      for (const [code, invalid] of rows) {
        expect(await client.cast(invalid)).toStrictEqual({ ok: false, code, retryable: false });
      }
      const last = await client.cast({ ...vote, voter: 'last' }, true);
      expect(last.ok && last.status).toBe('counted');
      expect((await system.results(contest)).total).toBe(1);
    });

    test('accepts a batch, and names each rejected vote', async () => {
      const contest = await newContest();
      const votes: Record<string, unknown>[] = Array.from({ length: 1000 }, (_, i) => ({
        contest,
        choice: 'b',
        voter: `batch-${i}`,
      }));
      votes[3] = { contest: 'missing', choice: 'x', voter: 'y' };
      votes[999] = { contest, choice: 'c', voter: 'y' };
      expect(await client.castMany(votes)).toStrictEqual({
        ok: true,
        accepted: 998,
        rejected: [
          { index: 3, code: 'unknown_contest' },
          { index: 999, code: 'unknown_choice' },
        ],
      });
      await waitFor(async () => (await system.results(contest)).total === 998);
    });

    test('rejects votes for a contest that is not open', async () => {
      const contest = await newContest('open');
      const other = await newContest();
      const change = async (times: Record<string, unknown>) =>
        assert((await system.counter.contests.update(contest, times)).ok);
      await change({ opensAt: '2100-01-01T00:00:00.000Z' });
      const vote = { contest, choice: 'a', voter: 'x' };
      await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_not_open');
      const batch = await client.castMany([vote, { contest: other, choice: 'a', voter: 'ana' }]);
      expect(batch).toStrictEqual({ ok: true, accepted: 1, rejected: [{ index: 0, code: 'contest_not_open' }] });
      await change({ opensAt: null, closesAt: '2020-01-01T00:00:00.000Z' });
      await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_closed');
      await change({ opensAt: null, closesAt: null });
      await waitFor(async () => (await client.cast(vote)).ok);
    });

    test('lists contests with their status', async () => {
      const [open, closed] = [await newContest('open'), await newContest()];
      assert((await system.counter.contests.update(closed, { closesAt: '2020-01-01T00:00:00.000Z' })).ok);
      const listed = async (id: string) => (await client.contests()).find((contest) => contest.id === id);
      await waitFor(async () => (await listed(closed))?.status === 'closed');
      const options = ['a', 'b'];
      expect(await listed(open)).toStrictEqual({ id: open, title: open, rule: 'open', status: 'open', options });
      const ids = (await client.contests()).map(({ id }) => id);
      expect(ids).toStrictEqual(ids.toSorted());
      expect(ids).toContain('cats-vs-dogs');
    });

    test('accepts a thousand votes at once, each with its own receipt', async () => {
      const contest = await newContest();
      const casts = Array.from({ length: 1000 }, (_, i) => client.cast({ contest, choice: 'a', voter: `many-${i}` }));
      const receipts = new Set((await Promise.all(casts)).map((reply) => (reply.ok ? reply.receipt : reply.code)));
      expect(receipts.size).toBe(1000);
    });
  });
}
