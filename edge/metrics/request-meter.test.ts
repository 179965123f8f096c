import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RequestMeter } from './request-meter.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // 0 means not timed.
  vi.advanceTimersByTime(1000);
});
afterEach(() => vi.useRealTimers());

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

test('times each request at a low rate', () => {
  const meter = new RequestMeter(600);
  for (let i = 0; i < 5; i++) {
    const startedAt = meter.start();
    vi.advanceTimersByTime(20);
    meter.end(202, startedAt);
  }
  expect([meter.counts[202], sum(meter.buckets), meter.buckets[4]]).toStrictEqual([5, 5, 5]);
  expect(meter.seconds).toBeCloseTo(0.1);
});

test('at a high rate, a timed request represents those before it, and every request is counted', () => {
  const meter = new RequestMeter(600);
  const run = (requests: number) => {
    for (let i = 0; i < requests; i++) meter.end(i % 10 === 0 ? 503 : 202, meter.start());
  };
  run(1000);
  expect([meter.counts[202], meter.counts[503], sum(meter.buckets)]).toStrictEqual([900, 100, 1]);
  vi.advanceTimersByTime(10);
  run(1);
  expect(sum(meter.buckets)).toBe(1001);
});

test('a timed request that never ends does not block the timing of others', () => {
  const meter = new RequestMeter(17);
  expect(meter.start()).toBeGreaterThan(0);
  expect(meter.start()).toBe(0);
  vi.advanceTimersByTime(10);
  expect(meter.start()).toBeGreaterThan(0);
});

test('durations beyond all buckets are in the last one', () => {
  const meter = new RequestMeter(17);
  const startedAt = meter.start();
  vi.advanceTimersByTime(60_000);
  meter.end(4, startedAt);
  expect(meter.buckets.at(-1)).toBe(1);
});
