import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../../supervisor/redis/redis-server.ts';
import { useTestRedis } from '../../../tests/support/test-redis.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { openRedis, type Redis } from '../redis.ts';
import { parseText } from '../replies.ts';
import { checkRedis } from './check-redis.ts';

const strict = { allowEviction: false };

let redis: Redis;
let server: RedisServer;
let dir: string;
useTestRedis((started) => {
  ({ redis, server, dir } = started);
});

test('rejects a Redis that may evict keys, unless that is allowed', async () => {
  await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
  await expect(checkRedis(redis, 'k', strict)).rejects.toThrow(/may evict .* allkeys-lru\. .* REDIS_EVICTION=allow/);
  await checkRedis(redis, 'k', { allowEviction: true });
  await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
  await checkRedis(redis, 'k', strict);
});

test('the error for a replica names its master', async () => {
  await using replica = await startRedisServer({ dir: mkdtempSync(join(dir, 'replica-')) });
  await using link = openRedis({ urls: [replica.url], name: 'test', onError: () => undefined });
  await link.whenReady();
  await link.send(undefined, ['REPLICAOF', '127.0.0.1', `${server.port}`]);
  await expect(checkRedis(link, 'k', strict)).rejects.toThrow(`Set it to the master, 127.0.0.1:${server.port}`);
});

test('the error for a user without rights names the missing commands, and the suggested rights suffice', async () => {
  const user = ['ACL', 'SETUSER', 'edge', 'reset', 'on', '>pass'];
  await redis.send(undefined, [...user, '~{p*}:*', '~votewire:*', '&votewire:*', '+@all', '-evalsha', '-wait']);
  const { port } = server;
  await using link = openRedis({
    urls: [`redis://edge:pass@127.0.0.1:${port}`],
    name: 'test',
    onError: () => undefined,
  });
  await link.whenReady();
  const error = await checkRedis(link, '{p0}:k', strict).catch((reason: Error) => reason.message);
  expect(error).toMatch(/may not call EVALSHA, WAIT on .* ACL SETUSER/);
  const rights = /ACL SETUSER <user> (.*)$/.exec(String(error))?.[1]?.split(' ') ?? [];
  await redis.send(undefined, [...user, ...rights]);
  await checkRedis(link, '{p0}:k', strict);
});

test('uses a single address of a cluster node as a cluster', async () => {
  const args = ['--cluster-enabled', 'yes'];
  await using node = await startRedisServer({ dir: mkdtempSync(join(dir, 'cluster-')), args });
  await using direct = openRedis({ urls: [node.url], name: 'test', onError: () => undefined });
  await direct.whenReady();
  expect(direct.cluster).toBe(false);
  await direct.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
  await waitFor(async () => /cluster_state:ok/.test(await direct.send(undefined, ['CLUSTER', 'INFO'], parseText)));
  await using link = openRedis({ urls: [node.url], cluster: 'detect', name: 'test', onError: () => undefined });
  await link.whenReady();
  expect(link.cluster).toBe(true);
  expect(await link.send('k', ['SET', 'k', 'v'], parseText)).toBe('OK');
  await using other = link.duplicate('other');
  await other.whenReady();
  expect(other.cluster).toBe(true);
});
