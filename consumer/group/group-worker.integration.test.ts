import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRecordingLogger } from '../../log/testing/recording-logger.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import type { RedisServer } from '../../supervisor/redis/redis-server.ts';
import { startTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { GroupHandler } from './group-handler.ts';
import { GroupWorker } from './group-worker.ts';

const PARTITIONS = 4;
/** Longer than the test's timeout, so that a pause fails the test. */
const PAUSE_MS = 30_000;

test('reads a backlog in one partition to the end without a pause', async () => {
  await using started = new AsyncDisposableStack();
  const { redis } = await startRedis(started);
  const key = streamKey(2);
  const backlog = 1000;
  for (let i = 0; i < backlog; i++) await redis.send(key, ['XADD', key, '*', 'b', 'x']);

  let handled = 0;
  const { worker, lines } = workerOf(redis, {
    group: TALLY_GROUP,
    readEveryMs: PAUSE_MS,
    async handle(deliveries) {
      for (const { entries } of deliveries) {
        await redis.send(key, ['XACK', key, TALLY_GROUP, ...entries.map(({ id }) => id)]);
        handled += entries.length;
      }
    },
  });
  started.use(worker);
  worker.start();
  // The last read may not be full; only entries after it wait.
  await waitFor(() => handled === backlog, { what: 'the backlog is handled' });
  expect(lines).toStrictEqual([]);
});

test('a stuck handler is not mistaken for a silent Redis', async () => {
  await using started = new AsyncDisposableStack();
  const { redis, server } = await startRedis(started);
  const key = streamKey(2);
  const away = Promise.withResolvers<void>();
  let handling = false;
  const { worker } = workerOf(redis, {
    group: LOG_GROUP,
    readEveryMs: 0,
    async handle() {
      handling = true;
      await away.promise;
    },
  });
  started.use(worker);
  started.defer(() => away.resolve());
  worker.start();
  // After the second batch, one is being handled and one is waiting, so no read is in flight.
  for (let batch = 0; batch < 2; batch++) {
    await redis.send(key, ['XADD', key, '*', 'b', 'x']);
    await waitFor(() => handling, { what: 'the handler is called' });
  }
  // Longer than a blocking read, so that a read in flight would be noticed.
  await delay(1500);
  expect(worker.silentMs, `silent for ${worker.silentMs} ms while Redis has nothing to answer`).toBeLessThan(500);
  away.resolve();
  server.process.kill('SIGSTOP');
  await waitFor(() => worker.silentMs > 1000, { what: 'the frozen Redis counts as silent' });
  server.process.kill('SIGCONT');
});

function workerOf(redis: Redis, handler: GroupHandler): { worker: GroupWorker; lines: readonly string[] } {
  const { log, lines } = createRecordingLogger();
  const worker = new GroupWorker({
    redis,
    partitions: PARTITIONS,
    consumer: 'c1',
    claimIdleMs: 60_000,
    maxDeliveries: 5,
    handler,
    deployment: { repair: () => expect.unreachable('no stream is missing') },
    log,
    onFailed: ({ reason }) => expect.unreachable(reason),
    onLost: (entries) => expect.unreachable(`${entries} entries lost`),
  });
  return { worker, lines };
}

async function startRedis(started: AsyncDisposableStack): Promise<{ redis: Redis; server: RedisServer }> {
  const { redis, server } = started.use(await startTestRedis());
  for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(redis, partition);
  return { redis, server };
}
