import { expect, test } from 'vitest';
import type { Redis } from '../../store/redis/redis.ts';
import { startRedisMonitor } from './redis-monitor.ts';

const HOUR_MS = 3_600_000;

test("Redis's clock and the length of the streams are known from the start", async () => {
  const answers: Readonly<Record<string, () => unknown>> = {
    TIME: () => [`${Math.floor((Date.now() - HOUR_MS) / 1000)}`, '0'],
    EVALSHA: () => [7, '5-0'],
  };
  const send = async (_: unknown, [name = '']: string[], parse: (reply: unknown) => unknown) =>
    parse(answers[name]?.());
  const redis = { ready: true, send } as unknown as Redis;
  using monitor = await startRedisMonitor({ redis, partitions: 2, maxBacklog: 7, intervalMs: HOUR_MS });
  expect(Math.abs(monitor.now() - (Date.now() - HOUR_MS))).toBeLessThan(5000);
  expect([monitor.backlogged(1), monitor.streamEntries]).toStrictEqual([true, 14]);
});
