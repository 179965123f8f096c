import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ResultsOutcome } from '../../grpc/results/results-feed.ts';
import { liveStream } from './live-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const state = { ended: 0, cut: 0, show: (_total: number): void => undefined, stop: new AbortController() };
  const body = liveStream({
    feed: {
      follow(_, __, show) {
        state.show = (total) => show(outcomeOf(total));
        show(outcomeOf(0));
      },
    },
    contest: 'bandas',
    signal: state.stop.signal,
    onEnd: () => state.ended++,
    cut: () => state.cut++,
  });
  const reader = body.getReader();
  const read = async () => Buffer.from((await reader.read()).value ?? []).toString();
  return { state, reader, read };
}

function outcomeOf(total: number): ResultsOutcome {
  const results = { contest: 'bandas', status: 'open', version: total, total, voters: total, changed: 0 } as const;
  return { ok: true, results: { ...results, countedUpTo: null, options: [] } };
}

test('a slow viewer gets only the latest counts', async () => {
  const { state, read, reader } = open();
  expect(await read()).toContain('"total":0');
  for (let total = 1; total <= 9; total++) state.show(total);
  expect(await read()).toContain('"total":9');
  await reader.cancel();
  expect(state).toMatchObject({ ended: 1, cut: 0 });
});

test('disconnects a viewer that does not read after 30 s, but not one that waits for a change', async () => {
  const stalled = open();
  const waiting = open();
  await stalled.read();
  await waiting.read();
  const next = waiting.read();
  await vi.advanceTimersByTimeAsync(31_000);
  expect(stalled.state).toMatchObject({ ended: 1, cut: 1 });
  waiting.state.show(5);
  expect(await next).toContain('"total":5');
  expect(waiting.state).toMatchObject({ ended: 0, cut: 0 });
});

test('a stop ends the stream once', async () => {
  const { state, read } = open();
  await read();
  const next = read();
  state.stop.abort();
  expect(await next).toBe('');
  expect(state).toMatchObject({ ended: 1, cut: 0 });
});
