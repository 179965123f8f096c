import { expect, test } from 'vitest';
import { latestValue } from './latest-value.ts';

test('a slow consumer gets only the latest value', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const values = latestValue<number>(stop.signal, (show) => {
    show(1);
    show(2);
    setImmediate(() => {
      show(3);
      show(4);
    });
  });
  for await (const value of values) {
    seen.push(value);
    if (value === 4) stop.abort();
  }
  expect(seen).toStrictEqual([2, 4]);
});

test('an aborted signal subscribes to nothing', async () => {
  let subscribed = 0;
  for await (const value of latestValue<number>(AbortSignal.abort(), () => subscribed++))
    expect.unreachable(`${value}`);
  expect(subscribed).toBe(0);
});
