import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { openRedis } from './redis.ts';

test('a process that starts before the cluster has slots connects once they are assigned', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'votewire-slots-'));
  try {
    await using server = await startRedisServer({ dir, args: ['--cluster-enabled', 'yes'] });
    await using node = openRedis({ urls: [server.url], name: 'node' });
    await node.whenReady();
    await node.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '0', '8000']);
    const errors: string[] = [];
    await using redis = openRedis({
      urls: [server.url],
      cluster: true,
      name: 'early',
      onError: ({ message }) => errors.push(message),
    });
    await waitFor(() => errors.some((message) => message.includes('does not serve all hash slots')));
    expect(redis.ready).toBe(false);
    await node.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '8001', '16383']);
    await redis.whenReady(AbortSignal.timeout(10_000));
    const set = () => redis.send('key', ['SET', 'key', 'value']).catch(() => undefined);
    await waitFor(async () => (await set()) === 'OK');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
