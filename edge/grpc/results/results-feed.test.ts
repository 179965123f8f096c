import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultContests } from '../../../store/contests/default-contests.ts';
import { createResultsFeed, type ResultsOutcome } from './results-feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const contests = new Map(defaultContests.map((contest) => [contest.id, contest]));

function openFeed() {
  const state = { version: 1, reads: 0 };
  const feed = createResultsFeed({
    contests: { get: (id) => contests.get(id), list: () => [...contests.values()] },
    now: Date.now,
    results: {
      async read({ id }) {
        state.reads++;
        const { version } = state;
        return {
          contest: id,
          status: 'open',
          version,
          total: 0,
          voters: 0,
          changed: 0,
          countedUpTo: null,
          options: [],
        };
      },
    },
  });
  return { feed, state };
}

test('a watch delivers the results at once, after each change, and every 30 s without changes', async () => {
  const { feed, state } = openFeed();
  const shown: number[] = [];
  const leave = new AbortController();
  feed.watch('bandas', leave.signal, (outcome) => shown.push(outcome.ok ? outcome.results.version : -1));
  await vi.advanceTimersByTimeAsync(1000);
  state.version = 2;
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown).toStrictEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(shown).toStrictEqual([1, 2, 2]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(shown).toStrictEqual([1, 2, 2, 2]);
  leave.abort();
  const { reads } = state;
  await vi.advanceTimersByTimeAsync(5000);
  expect(state.reads, 'no one watches').toBe(reads);
});

test('reads the results of a contest once per tick, whatever the number of watchers', async () => {
  const { feed, state } = openFeed();
  const leave = new AbortController();
  const outcomes: ResultsOutcome[] = [];
  for (let i = 0; i < 10; i++) feed.watch('bandas', leave.signal, (outcome) => outcomes.push(outcome));
  await vi.advanceTimersByTimeAsync(250);
  expect(outcomes.length).toBe(10);
  expect(state.reads).toBeLessThanOrEqual(2);
  feed[Symbol.dispose]();
});
