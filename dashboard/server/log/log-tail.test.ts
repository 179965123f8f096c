import type { IncomingMessage, ServerResponse } from 'node:http';
import { assert, expect, test } from 'vitest';
import type { Contest } from '../../../store/contests/contest.ts';
import { defaultContests } from '../../../store/contests/default-contests.ts';
import type { LoggedVote } from '../../../store/log/log-store.ts';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { ResultsHub } from '../results/results-hub.ts';
import { SseViewer } from '../results/sse-viewer.ts';
import { LogTail } from './log-tail.ts';

test('notifies a viewer that connects during a log outage of the outage and its end', async () => {
  let away = false;
  const log = {
    async page() {
      if (away) throw new Error('away');
      return { items: [] };
    },
  };
  using tail = new LogTail({ log, contests: { get: () => undefined, list: () => [] }, tickMs: 3_600_000 });
  const first = viewer();
  await tail.watch(first.viewer, {}, undefined);
  away = true;
  await tail.tick();
  const second = viewer();
  await tail.watch(second.viewer, {}, undefined);
  await tail.tick();
  expect(first.stale().length).toBe(1);
  expect(second.stale()).toStrictEqual(first.stale());
  away = false;
  await tail.tick();
  for (const one of [first, second]) expect(one.stale().slice(1)).toStrictEqual([null]);
});

test('notifies viewers while Redis does not answer, because no votes reach the log then', async () => {
  let since: string | null = null;
  using tail = new LogTail({
    log: { page: async () => ({ items: [] }) },
    contests: { get: () => undefined, list: () => [] },
    redisStaleSince: () => since,
    tickMs: 3_600_000,
  });
  const one = viewer();
  await tail.watch(one.viewer, {}, undefined);
  since = '2026-03-01T12:00:00.000Z';
  // Without a read of the log.
  await waitFor(() => one.stale().length === 1, { what: 'the notice' });
  const late = viewer();
  await tail.watch(late.viewer, {}, undefined);
  since = null;
  await waitFor(() => one.stale().length === 2, { what: 'the end' });
  expect(one.stale()).toStrictEqual(['2026-03-01T12:00:00.000Z', null]);
  expect(late.stale()).toStrictEqual(['2026-03-01T12:00:00.000Z', null]);
});

test('ends a viewer whose first read is in progress when the server stops', async () => {
  const read = Promise.withResolvers<{ items: [] }>();
  const tail = new LogTail({
    log: { page: () => read.promise },
    contests: { get: () => undefined, list: () => [] },
    tickMs: 3_600_000,
  });
  const late = viewer();
  const watching = tail.watch(late.viewer, {}, undefined);
  tail[Symbol.dispose]();
  read.resolve({ items: [] });
  await watching;
  expect([late.ended(), tail.viewers]).toStrictEqual([true, 0]);
});

test('ends such a viewer of results too', async () => {
  const read = Promise.withResolvers<never>();
  const hub = new ResultsHub({
    contests: { list: () => defaultContests },
    results: { read: () => read.promise },
    readVersion: async () => 1,
    now: Date.now,
    tickMs: 3_600_000,
  });
  const late = viewer();
  const watching = hub.watch(late.viewer, { all: true, contests: new Set(), list: true }, undefined);
  hub[Symbol.dispose]();
  read.reject(new Error('away'));
  await watching;
  expect([late.ended(), hub.viewers]).toStrictEqual([true, 0]);
});

test('a tail of one choice ends when the results of its contest are hidden', async () => {
  let contest = { ...defaultContests[0], hidden: false } as Contest;
  const contests = { get: () => contest, list: () => [contest] };
  const votes: LoggedVote[] = [];
  const log = { page: async () => ({ items: votes }) };
  using tail = new LogTail({ log, contests, tickMs: 3_600_000 });
  const filter = { contest: contest.id, choice: contest.options[0]?.id ?? '' };
  const watching = viewer();
  await tail.watch(watching.viewer, filter, undefined);
  contest = { ...contest, hidden: true };
  const [vote] = testEntry(1, { votes: [filter] }).votes;
  assert(vote !== undefined);
  votes.push({ ...testEntry(1), ...vote, index: 0 });
  await tail.tick();
  expect(watching.text().includes('event: votes'), 'the number of events would reveal the count').toBe(false);
  expect([watching.ended(), tail.viewers]).toStrictEqual([true, 0]);
});

const ignore = () => undefined;

interface TestViewer {
  readonly viewer: SseViewer;
  readonly text: () => string;
  readonly ended: () => boolean;
  readonly stale: () => (string | null)[];
}

function viewer(): TestViewer {
  let text = '';
  let ended = false;
  const request = { headers: {}, socket: { once: ignore, off: ignore } };
  const response = {
    writeHead: ignore,
    on: ignore,
    once: ignore,
    end() {
      ended = true;
    },
    destroy: ignore,
    write(chunk: string | Uint8Array) {
      text += Buffer.from(chunk as Uint8Array).toString();
      return true;
    },
  };
  return {
    viewer: new SseViewer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    text: () => text,
    ended: () => ended,
    stale: () => [...text.matchAll(/event: stale\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? '').since),
  };
}
