import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeEach, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { openLogStore } from '../log/open-log-store.ts';
import { testEntry } from '../log/testing/test-entries.ts';
import { openRedis, type Redis } from '../redis/redis.ts';
import { clusterKey, contestsKey, rulesKey, streamKey } from '../streams/keys.ts';
import { type Deployment, type DeploymentOptions, openDeployment } from './deployment.ts';
import { readRestoration } from './restoration.ts';
import { openSettings } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-deployment-'));
const config = { partitions: 2, secret: undefined, mongodbUrl: undefined, dataDir: join(dir, 'data') };
const lunch = { id: 'lunch', title: 'Lunch', rule: 'open', options: [{ id: 'soup' }] };

let redis: Redis;
let server: RedisServer;
useTestRedis((started) => {
  ({ redis, server } = started);
});

beforeEach(() => redis.send(undefined, ['FLUSHALL']));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Opens a deployment with its own connection, like another process. */
async function start(options: Partial<DeploymentOptions> = {}): Promise<AsyncDisposable & { deployment: Deployment }> {
  const own = openRedis({ urls: [server.url], name: 'process', onError: () => undefined });
  const deployment = await openDeployment({ redis: own, config, name: 'a test', intervalMs: 50, ...options });
  return {
    deployment,
    async [Symbol.asyncDispose]() {
      await deployment[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

test('after FLUSHALL, settings, secret, contests and rules are restored before any stream', async () => {
  await using one = await start();
  await using two = await start();
  const { deployment } = one;
  assert((await deployment.contests.create(lunch)).ok);
  await waitFor(() => two.deployment.contests.get('lunch'));
  const epochs: string[] = [];
  two.deployment.onEpoch((partition, epoch) => epochs.push(`${partition} ${epoch}`));
  const before = await redis.send(clusterKey, ['HGET', clusterKey, 'secret']);
  // A stream must never exist without the rules and the settings.
  let isWatching = true;
  const watch = async () => {
    while (isWatching) {
      const [stream, rule, secret] = await Promise.all([
        redis.send(undefined, ['EXISTS', streamKey(0)]),
        redis.send(undefined, ['HGET', rulesKey(0), 'lunch']),
        redis.send(undefined, ['HGET', clusterKey, 'secret']),
      ]);
      if (stream === 1) expect([rule, secret]).toStrictEqual(['open 0 0', before]);
    }
  };
  await redis.send(undefined, ['FLUSHALL']);
  const watching = watch();
  await waitFor(async () => (await redis.send(undefined, ['EXISTS', streamKey(0), streamKey(1)])) === 2);
  await waitFor(() => deployment.ready && two.deployment.ready);
  isWatching = false;
  await watching;
  expect(await redis.send(clusterKey, ['HGET', clusterKey, 'secret'])).toBe(before);
  expect(await redis.send(contestsKey, ['HEXISTS', contestsKey, 'lunch'])).toBe(1);
  expect(two.deployment.contests.get('lunch')?.title).toBe('Lunch');
  await waitFor(() => epochs.length === 4, { what: 'both partitions have a new epoch' });
  await waitFor(async () => (await readRestoration(redis))?.partitions.join() === '0,1');
});

test('a process that starts after the loss waits until a running one restores the secret', async () => {
  await using one = await start();
  assert((await one.deployment.contests.create(lunch)).ok);
  await redis.send(undefined, ['FLUSHALL']);
  await using late = await start();
  expect(late.deployment.secret).toStrictEqual(one.deployment.secret);
  expect(late.deployment.contests.get('lunch')?.title).toBe('Lunch');
});

test('the deployment is not ready until a Redis that restarted empty is fully restored', async () => {
  await using own = await startRedisServer({ dir: mkdtempSync(join(dir, 'first-')) });
  const link = openRedis({ urls: [own.url], name: 'process', onError: () => undefined });
  await using _link = link;
  await using deployment = await openDeployment({ redis: link, config, name: 'a test', intervalMs: 50 });
  assert((await deployment.contests.create(lunch)).ok);
  const { port } = own;
  await own[Symbol.asyncDispose]();
  await waitFor(() => !deployment.ready);
  await using _again = await startRedisServer({ dir: mkdtempSync(join(dir, 'second-')), port });
  await waitFor(async () => {
    const streams = link.ready ? await link.send(undefined, ['EXISTS', streamKey(0)]).catch(() => 0) : 0;
    if (deployment.ready) expect(streams).toBe(1);
    return deployment.ready;
  });
  expect(await link.send(rulesKey(0), ['HGET', rulesKey(0), 'lunch'])).toBe('open 0 0');
});

test('the older deployment replaces settings that were created after the loss', async () => {
  let replaced = '';
  const onReplaced = (message: string) => {
    replaced = message;
  };
  await using old = await start({ onReplaced });
  assert((await old.deployment.contests.create(lunch)).ok);
  const secret = await redis.send(clusterKey, ['HGET', clusterKey, 'secret']);
  // Another process creates settings and default contests before the old one reconnects.
  const script = `
    redis.call('FLUSHALL')
    redis.call('HSET', 'votewire:cluster', 'partitions', '2', 'secret', 'another', 'created', ARGV[1])
    redis.call('HSET', 'votewire:contests', ':seeded', ARGV[1] .. '-x')`;
  await redis.send(undefined, ['EVAL', script, '0', `${Date.now() + 60_000}`]);
  await waitFor(async () => (await redis.send(clusterKey, ['HGET', clusterKey, 'secret'])) === secret);
  await waitFor(async () => (await redis.send(contestsKey, ['HEXISTS', contestsKey, 'lunch'])) === 1);
  await waitFor(() => old.deployment.ready);
  // In the reverse case, this process must restart.
  await using young = await start({ onReplaced });
  await redis.send(clusterKey, ['HSET', clusterKey, 'secret', 'older', 'created', '1']);
  await waitFor(() => replaced !== '');
  expect(replaced).toMatch(/settings of an older deployment/);
  await waitFor(() => !young.deployment.ready);
}, 20_000);

test('with votes in the log, a new secret is created only if SECRET is set', async () => {
  const dataDir = join(dir, 'used');
  {
    await using log = await openLogStore({ mongodbUrl: undefined, dataDir, logTtlDays: 0 });
    await log.append([testEntry(1)]);
  }
  const used = { ...config, dataDir };
  await expect(openSettings(redis, used)).rejects.toThrow(/Redis lost its data and the secret .* set SECRET/);
  expect(await redis.send(clusterKey, ['HGET', clusterKey, 'secret'])).toBe(null);
  expect((await openSettings(redis, { ...used, secret: 'a secret of an operator' })).partitions).toBe(2);
});
