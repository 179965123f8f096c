import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startBaselineSystem } from '../targets/baseline-system.ts';
import { openDriver } from '../targets/driver.ts';
import type { Transport } from './job.ts';
import { makeJob } from './make-job.ts';

const UNPINNED = { server: undefined, driver: undefined, redis: undefined, consumer: undefined };

/**
 * If a server is stopped for 2 s in a 10 s run at 500/s, a fifth of all requests wait up to 2 s. A bench that measures
 * from the actual send, or does not send while it waits, reports a p99 of a few milliseconds.
 */
async function freeze(transport: Transport): Promise<void> {
  await using system = await startBaselineSystem({ transport, server: 'bare', shape: { kind: 'single' } }, UNPINNED);
  const pid = system.watch[0]?.pid ?? 0;
  const streams = transport === 'http1' ? 1 : 8;
  const job = makeJob(system, 'bandas', { transport, connections: 4, streams, warmupMs: 300 });
  await using driver = await openDriver(job, undefined);
  await driver.warmUp();
  const window = { load: { kind: 'open', requestsPerSecond: 500 }, measureMs: 10_000 } as const;
  const measuring = driver.measure(window);
  await delay(4000);
  process.kill(pid, 'SIGSTOP');
  await delay(2000);
  process.kill(pid, 'SIGCONT');
  const { latency, total, generator } = await measuring;
  expect(total.acknowledged, 'every request was answered in the end').toBe(total.offered);
  const { p90, p99 } = latency.corrected;
  expect(p90, `p90 ${p90} us`).toBeGreaterThanOrEqual(800_000);
  expect(p99 >= 1_700_000 && p99 < 2_600_000, `p99 ${p99} us`).toBeTruthy();
  // A bench with coordinated omission would report this: only requests in flight waited.
  expect(latency.raw.p90, `raw p90 ${latency.raw.p90} us`).toBeLessThan(400_000);
  expect(generator.unsent).toBe(0);
  // The thousand requests during the pause waited for the server, so they do not count as late. On a busy machine some
  // others are late.
  expect(generator.late, `${generator.late} late`).toBeLessThan(750);
}

describe('a pause of 2 s shows in the percentiles', { timeout: 60_000, concurrent: true }, () => {
  test('HTTP/1.1', () => freeze('http1'));
  test('gRPC', () => freeze('grpc'));
});
