import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { LogTail } from './log-tail.ts';
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

const ignore = () => undefined;

function viewer(): { viewer: SseViewer; stale: () => (string | null)[] } {
  let text = '';
  const response = {
    writeHead: ignore,
    on: ignore,
    once: ignore,
    end: ignore,
    destroy: ignore,
    write(chunk: string | Uint8Array) {
      text += Buffer.from(chunk as Uint8Array).toString();
      return true;
    },
  };
  return {
    viewer: new SseViewer(response as unknown as ServerResponse),
    stale: () => [...text.matchAll(/event: stale\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? '').since),
  };
}
