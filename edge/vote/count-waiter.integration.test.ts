import { describe, expect, test } from 'vitest';
import type { Redis } from '../../store/redis/redis.ts';
import { countedChannel } from '../../store/streams/keys.ts';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { type CountWaiter, type CountWaiterOptions, startCountWaiter } from './count-waiter.ts';
import type { ReceiptStatus } from './ingress.ts';

describe('CountWaiter', () => {
  let redis: Redis;
  useTestRedis((started) => {
    ({ redis } = started);
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
  const wait = (waiter: CountWaiter, entryId: string, index: number, partition = 1): Promise<ReceiptStatus> =>
    new Promise((resolve) => expect(waiter.wait(place(entryId, index, partition), resolve)).toBeTruthy());
  const tell = (message: string, partition = 1) =>
    redis.send(undefined, ['PUBLISH', countedChannel(partition), message]);

  test('each client that waits for an entry gets the outcome of its own vote', async () => {
    using waiter = await open({});
    const outcomes = [0, 1, 2, 3, 4].map((index) => wait(waiter, '5-0', index));
    const elsewhere = wait(waiter, '5-0', 0, 2);
    expect(waiter.waiting).toBe(6);
    await tell('5-0 csdlx');
    expect(await Promise.all(outcomes)).toStrictEqual(['counted', 'superseded', 'duplicate', 'late', 'dead']);
    expect(waiter.waiting).toBe(1);
    await tell('5-0 l', 2);
    expect(await elsewhere).toBe('late');
  });

  test('a message that arrives before the wait is not lost', async () => {
    using waiter = await open({});
    await tell('6-0 s');
    await tell('7-0 c');
    expect(await wait(waiter, '7-0', 0)).toBe('counted');
    expect(await wait(waiter, '6-0', 0)).toBe('superseded');
  });

  test('a look-up replaces a lost message, and a failed look-up is repeated', async () => {
    let looks = 0;
    using waiter = await open({
      async lookUp({ entryId }) {
        looks++;
        if (looks === 1) throw new Error('Redis is unavailable');
        return entryId === '8-0' ? 'duplicate' : 'queued';
      },
    });
    expect(await wait(waiter, '8-0', 0)).toBe('duplicate');
    expect(looks).toBe(2);
  });

  test('limits the time and number of waits', async () => {
    using waiter = await open({ timeoutMs: 120, maxWaiting: 2 });
    const outcomes = [wait(waiter, '9-0', 0), wait(waiter, '9-0', 1)];
    expect(waiter.wait(place('9-0', 2), () => expect.unreachable('it was accepted'))).toBe(false);
    expect(await Promise.all(outcomes)).toStrictEqual(['queued', 'queued']);
    expect(waiter.waiting).toBe(0);
  });

  test('a stop answers all waiting clients and accepts no further ones', async () => {
    using waiter = await open({});
    const outcome = wait(waiter, '10-0', 0);
    waiter.stop();
    expect(await outcome).toBe('queued');
    expect(waiter.wait(place('11-0', 0), () => expect.unreachable('it was accepted'))).toBe(false);
    expect(waiter.waiting).toBe(0);
  });
});
