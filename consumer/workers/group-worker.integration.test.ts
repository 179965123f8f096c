import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ensurePartition } from '../../store/deployment/partition.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { GroupHandler, GroupWorkerOptions } from './group-handler.ts';
import { GroupWorker } from './group-worker.ts';

const PARTITIONS = 4;
/** Longer than the test may take: whoever pauses is found out. */
const PAUSE_MS = 30_000;

test('a backlog in one partition is read to its end without a pause', async () => {
  await using started = new AsyncDisposableStack();
  const { redis } = await startRedis(started);
  const key = streamKey(2);
  const backlog = 1000;
  for (let i = 0; i < backlog; i++) await redis.send(key, ['XADD', key, '*', 'b', 'x']);

  let handled = 0;
  const worker = started.use(
    workerOf(redis, {
      group: TALLY_GROUP,
      readEveryMs: PAUSE_MS,
      async handle(deliveries) {
        for (const { entries } of deliveries) {
          await redis.send(key, ['XACK', key, TALLY_GROUP, ...entries.map(({ id }) => id)]);
          handled += entries.length;
        }
      },
    }),
  );
  worker.start();
  // The last read may be short of a full one: what comes behind it waits for the pause.
  for (const end = Date.now() + 10_000; handled < backlog; await delay(5)) {
    expect(Date.now(), `${handled} of ${backlog} entries handled`).toBeLessThan(end);
  }
});

test('a handler that does not get on is not taken for a Redis that is silent', async () => {
  await using started = new AsyncDisposableStack();
  const { redis, server } = await startRedis(started);
  const key = streamKey(2);
  const away = Promise.withResolvers<void>();
  let handling = false;
  const worker = started.use(
    workerOf(
      redis,
      {
        group: LOG_GROUP,
        readEveryMs: 0,
        async handle() {
          handling = true;
          await away.promise;
        },
      },
      // Redis is frozen in its course.
      () => undefined,
    ),
  );
  started.defer(() => away.resolve());
  worker.start();
  // One lot is handled and the next one is read; then no more is asked for.
  for (let lot = 0; lot < 2; lot++) {
    await redis.send(key, ['XADD', key, '*', 'b', 'x']);
    for (const end = Date.now() + 5000; !handling; await delay(5))
      expect(Date.now(), 'nothing is handled').toBeLessThan(end);
  }
  await delay(1500);
  expect(worker.silentMs, `silent for ${worker.silentMs} ms while Redis has nothing to answer`).toBeLessThan(500);
  away.resolve();
  server.process.kill('SIGSTOP');
  await delay(2500);
  expect(worker.silentMs, `silent for ${worker.silentMs} ms while Redis is frozen`).toBeGreaterThan(1000);
  server.process.kill('SIGCONT');
});

function workerOf(
  redis: Redis,
  handler: GroupHandler,
  onAlarm: GroupWorkerOptions['onAlarm'] = ({ message }) => expect.unreachable(message),
): GroupWorker {
  return new GroupWorker({
    redis,
    partitions: PARTITIONS,
    consumer: 'c1',
    claimIdleMs: 60_000,
    maxDeliveries: 5,
    handler,
    deployment: { repair: () => expect.unreachable('no stream is missing') },
    onDead: (reason) => expect.unreachable(reason),
    onAlarm,
  });
}

async function startRedis(started: AsyncDisposableStack): Promise<{ redis: Redis; server: RedisServer }> {
  const dir = await mkdtemp(join(tmpdir(), 'votewire-worker-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const server = started.use(await startRedisServer({ dir }));
  const redis = started.use(openRedis({ urls: [server.url], name: 'test' }));
  await redis.whenReady();
  for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(redis, partition);
  return { redis, server };
}
