import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { openRedis } from './redis.ts';
import { parseInteger, parseText } from './replies.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-redis-cluster-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const quiet = () => undefined;

test('WAIT goes to the owner of the slot, so a frozen master does not block the others and is used again later', async () => {
  await using opened = new AsyncDisposableStack();
  const start = async (): Promise<RedisServer> =>
    opened.use(await startRedisServer({ dir: mkdtempSync(join(dir, 'node-')), args: ['--cluster-enabled', 'yes'] }));
  const [low, high] = [await start(), await start()];
  const admin = async ({ url }: RedisServer) => {
    const link = opened.use(openRedis({ urls: [url], name: 'admin', onError: quiet }));
    await link.whenReady();
    return link;
  };
  const [lowAdmin, highAdmin] = [await admin(low), await admin(high)];
  await lowAdmin.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '0', '8191']);
  await highAdmin.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '8192', '16383']);
  await highAdmin.send(undefined, ['CLUSTER', 'SET-CONFIG-EPOCH', '2']);
  await lowAdmin.send(undefined, ['CLUSTER', 'MEET', '127.0.0.1', `${high.port}`]);
  for (const each of [lowAdmin, highAdmin]) {
    await waitFor(async () => /cluster_state:ok/.test(await each.send(undefined, ['CLUSTER', 'INFO'], parseText)));
    // Otherwise the whole cluster stops when one master is unreachable.
    await each.send(undefined, ['CONFIG', 'SET', 'cluster-require-full-coverage', 'no']);
  }
  const redis = opened.use(openRedis({ urls: [low.url, high.url], name: 'test', stallMs: 2000, onError: quiet }));
  await redis.whenReady();
  const slot = (key: string) => lowAdmin.send(undefined, ['CLUSTER', 'KEYSLOT', key], parseInteger);
  const names = Array.from({ length: 20 }, (_, n) => `key-${n}`);
  const slots = await Promise.all(names.map(slot));
  const lowKey = names[slots.findIndex((n) => n < 8192)] ?? '';
  const highKey = names[slots.findIndex((n) => n >= 8192)] ?? '';
  for (const key of [lowKey, highKey]) await redis.send(key, ['SET', key, '1']);

  high.process.kill('SIGSTOP');
  try {
    // Longer than the watchdog's limit: it must not replace the connection to the healthy master.
    const end = performance.now() + 6000;
    for (let n = 0; performance.now() < end; n++) {
      expect(await redis.send(lowKey, ['SET', lowKey, `${n}`], parseText)).toBe('OK');
      expect(await redis.send(lowKey, ['WAIT', '0', '100'], parseInteger)).toBe(0);
    }
  } finally {
    high.process.kill('SIGCONT');
  }
  await waitFor(async () => (await redis.send(highKey, ['GET', highKey]).catch(quiet)) === '1');
}, 40_000);
