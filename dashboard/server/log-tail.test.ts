import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { defaultContests } from '../../store/default-contests.ts';
import { LogTail } from './log-tail.ts';
import { ResultsHub } from './results-hub.ts';
import { SseViewer } from './sse-viewer.ts';

test('who comes while the log is away is told so, and told when it is back', async () => {
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
  assert.equal(first.stale().length, 1);
  assert.deepEqual(second.stale(), first.stale());
  away = false;
  await tail.tick();
  for (const one of [first, second]) assert.deepEqual(one.stale().slice(1), [null]);
});

test('a viewer whose first read is under way when the server stops is let go', async () => {
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
  assert.deepEqual([late.ended(), tail.viewers], [true, 0]);
});

test('so is one of the results', async () => {
  const read = Promise.withResolvers<never>();
  const hub = new ResultsHub({
    contests: { list: () => defaultContests },
    results: { read: () => read.promise },
    tickMs: 3_600_000,
  });
  const late = viewer();
  const watching = hub.watch(late.viewer, undefined, undefined);
  hub[Symbol.dispose]();
  read.reject(new Error('away'));
  await watching;
  assert.deepEqual([late.ended(), hub.viewers], [true, 0]);
});

const ignore = () => undefined;

function viewer(): { viewer: SseViewer; stale: () => (string | null)[]; ended: () => boolean } {
  let text = '';
  let ended = false;
  const response = {
    writeHead: ignore,
    on: ignore,
    once: ignore,
    end: () => {
      ended = true;
    },
    destroy: ignore,
    write(chunk: string | Uint8Array) {
      text += Buffer.from(chunk as Uint8Array).toString();
      return true;
    },
  };
  return {
    viewer: new SseViewer(response as unknown as ServerResponse),
    ended: () => ended,
    stale: () => [...text.matchAll(/event: stale\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? '').since),
  };
}
