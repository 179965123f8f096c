import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { countedChannel } from '../../store/streams/keys.ts';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { type CountWaiter, type CountWaiterOptions, startCountWaiter } from './count-waiter.ts';
import type { ReceiptStatus } from './ingress.ts';

describe('waiting for the count', () => {
  let dir: string;
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'votewire-watch-'));
    server = await startRedisServer({ dir });
    redis = openRedis({ urls: [server.url], name: 'test', onError: () => undefined });
    await redis.whenReady();
  });
  after(async () => {
    await redis?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  const open = (options: Partial<CountWaiterOptions>) =>
    startCountWaiter({
      redis,
      partitions: 4,
      lookUp: async () => 'queued',
      timeoutMs: 3000,
      maxWaiting: 10,
      ...options,
    });
  const place = (entryId: string, index: number, partition = 1) => ({ partition, epoch: 'AAAAAAAA', entryId, index });
  const wait = (watch: CountWaiter, entryId: string, index: number, partition = 1): Promise<ReceiptStatus> =>
    new Promise((resolve) => assert.ok(watch.wait(place(entryId, index, partition), resolve)));
  const tell = (message: string, partition = 1) =>
    redis.send(undefined, ['PUBLISH', countedChannel(partition), message]);

  test('each who waits for an entry gets the outcome of the own vote', async () => {
    using watch = await open({});
    const outcomes = [0, 1, 2, 3, 4].map((index) => wait(watch, '5-0', index));
    const elsewhere = wait(watch, '5-0', 0, 2);
    assert.equal(watch.waiting, 6);
    await tell('5-0 csdlx');
    assert.deepEqual(await Promise.all(outcomes), ['counted', 'superseded', 'duplicate', 'late', 'dead']);
    assert.equal(watch.waiting, 1);
    await tell('5-0 l', 2);
    assert.equal(await elsewhere, 'late');
  });

  test('a message that came before the wait is not lost', async () => {
    using watch = await open({});
    await tell('6-0 s');
    await tell('7-0 c');
    assert.equal(await wait(watch, '7-0', 0), 'counted');
    assert.equal(await wait(watch, '6-0', 0), 'superseded');
  });

  test('where the message was lost, the receipt is looked up; a look-up that fails is repeated', async () => {
    let looks = 0;
    using watch = await open({
      async lookUp({ entryId }) {
        looks++;
        if (looks === 1) throw new Error('Redis is away');
        return entryId === '8-0' ? 'duplicate' : 'queued';
      },
    });
    assert.equal(await wait(watch, '8-0', 0), 'duplicate');
    assert.equal(looks, 2);
  });

  test('a bounded time, and a bounded number', async () => {
    using watch = await open({ timeoutMs: 120, maxWaiting: 2 });
    const outcomes = [wait(watch, '9-0', 0), wait(watch, '9-0', 1)];
    assert.equal(
      watch.wait(place('9-0', 2), () => assert.fail('it was not taken')),
      false,
    );
    assert.deepEqual(await Promise.all(outcomes), ['queued', 'queued']);
    assert.equal(watch.waiting, 0);
  });

  test('a stop answers all who wait, and nobody can begin to', async () => {
    using watch = await open({});
    const outcome = wait(watch, '10-0', 0);
    watch.stop();
    assert.equal(await outcome, 'queued');
    assert.equal(
      watch.wait(place('11-0', 0), () => assert.fail('it was not taken')),
      false,
    );
    assert.equal(watch.waiting, 0);
  });
});
