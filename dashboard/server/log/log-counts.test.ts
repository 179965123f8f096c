import { expect, test } from 'vitest';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import { countVotes } from './log-counts.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');

/** A log with a vote at each of the times, newest first. */
function logOf(times: readonly number[]) {
  return {
    async page({ limit, cursor = '0' }: { limit: number; cursor?: string }) {
      const from = Number(cursor);
      const items = times.slice(from, from + limit).map((ms) => ({ receivedAt: new Date(ms) }) as LoggedVote);
      const next = from + limit < times.length ? `${from + limit}` : null;
      return { items, next };
    },
  };
}

test('counts every vote in buckets of whole steps', async () => {
  const times = Array.from({ length: 2500 }, (_, n) => START + 3_600_000 - n * 1400);
  const { total, isComplete, stepMs, buckets } = await countVotes({ log: logOf(times), filters: {} });
  expect([total, isComplete, stepMs]).toStrictEqual([2500, true, 60_000]);
  expect(buckets.length).toBe(60);
  expect(buckets.every(([at]) => at % 60_000 === 0)).toBe(true);
  expect(buckets.reduce((sum, [, votes]) => sum + votes, 0)).toBe(2500);
});

test('stops at its limit; an empty log has no buckets', async () => {
  const times = Array.from({ length: 3000 }, (_, n) => START - n);
  const counts = await countVotes({ log: logOf(times), filters: {}, maxVotes: 1500 });
  expect([counts.total, counts.isComplete]).toStrictEqual([1500, false]);
  const none = await countVotes({ log: logOf([]), filters: {} });
  expect(none).toStrictEqual({ total: 0, isComplete: true, stepMs: 1000, buckets: [] });
});
