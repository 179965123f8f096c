import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, assert, beforeAll, describe, expect, test } from 'vitest';
import { openContestStore } from '../store/contests/open-contest-store.ts';
import { openDeployment } from '../store/deployment/deployment.ts';
import { REDIS_SCHEMA } from '../store/deployment/redis-schema.ts';
import { openRedis, type Redis } from '../store/redis/redis.ts';
import { clusterKey, heartbeatsKey, rulesKey } from '../store/streams/keys.ts';
import { startMongoServer } from '../supervisor/build/mongo-server.ts';
import { type RedisServer, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { Child, scriptChild } from './support/child.ts';
import { testNeeding } from './support/needing.ts';
import { waitFor } from './support/wait-for.ts';

/** Data of other versions: processes reject newer data at the start, and running ones write only what all can read. */
const dir = mkdtempSync(join(tmpdir(), 'votewire-upgrade-'));
const mongo = await startMongoServer({ own: true });
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer({ dir: join(dir, 'redis') });
  redis = openRedis({ urls: [server.url], name: 'test' });
  await redis.whenReady();
});
afterEach(() => redis.send(undefined, ['FLUSHALL']));
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await mongo.server?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const SCRIPTS = {
  edge: 'edge/main.ts',
  consumer: 'consumer/main.ts',
  dashboard: 'dashboard/server/main.ts',
} as const;
type Part = keyof typeof SCRIPTS;
const PORTS = { PORT: '0', CONSUMER_PORT: '0', DASHBOARD_PORT: '0' };

/** Starts a process, which must refuse to start; resolves to its output. */
async function refusal(part: Part, env: Record<string, string>): Promise<string> {
  await using child = scriptChild(part, SCRIPTS[part], { REDIS_URL: server.url, ...PORTS, ...env });
  child.start();
  expect(await child.ended(), child.output).toBe(2);
  expect(child.output, 'prints a stack').not.toMatch(/\bat .*\.ts:\d/);
  return child.output;
}

describe('data of a newer Votewire stops the start with exit code 2 and a remedy', () => {
  for (const part of ['edge', 'consumer', 'dashboard'] as const)
    test(`Redis: ${part}`, async () => {
      await redis.send(clusterKey, ['HSET', clusterKey, 'schema', '999']);
      const output = await refusal(part, { DATA_DIR: join(dir, 'data') });
      expect(output).toContain(
        `schema version 999, which a newer Votewire wrote; this one supports up to ${REDIS_SCHEMA}`,
      );
      expect(output).toContain('Run that Votewire, or set REDIS_URL to another Redis');
      // Nothing was changed.
      expect(await redis.send(clusterKey, ['HGETALL', clusterKey])).toStrictEqual(['schema', '999']);
    });

  for (const part of ['consumer', 'dashboard'] as const)
    test(`SQLite: ${part}`, async () => {
      const dataDir = join(dir, `sqlite-${part}`);
      mkdirSync(dataDir);
      using database = new DatabaseSync(join(dataDir, 'votes.db'));
      database.exec('PRAGMA user_version = 999');
      const output = await refusal(part, { DATA_DIR: dataDir });
      expect(output).toMatch(
        /vote log in DATA_DIR has schema version 999, which a newer Votewire wrote; .* up to \d+\./,
      );
      expect(output).toContain('restore a backup from before the upgrade, or set DATA_DIR to another folder');
    });

  for (const part of ['consumer', 'dashboard'] as const)
    testNeeding(mongo.server === undefined && mongo.reason)(`MongoDB: ${part}`, async () => {
      const url = `${mongo.server?.url}/newer-${part}`;
      await using client = await MongoClient.connect(url);
      await client.db().collection<{ _id: string; version: number }>('meta').insertOne({ _id: 'schema', version: 999 });
      const output = await refusal(part, { DATA_DIR: join(dir, 'data'), MONGODB_URL: url });
      expect(output).toContain('vote log in MongoDB (MONGODB_URL) has schema version 999');
      expect(output).toContain('Run that Votewire, or set MONGODB_URL to another database');
    });

  test('the command line', async () => {
    await redis.send(clusterKey, ['HSET', clusterKey, 'schema', '999']);
    for (const args of [['recount', '--all'], ['dead-letters', 'list'], ['restore']]) {
      const env = { REDIS_URL: server.url, DATA_DIR: join(dir, 'data') };
      await using child = new Child({
        name: `votewire ${args[0]}`,
        command: [process.execPath, 'cli/main.ts', ...args],
        env,
      });
      child.start();
      expect([args[0], await child.ended()], child.output).toStrictEqual([args[0], 2]);
      expect(child.output).toMatch(/^Redis \(REDIS_URL\) holds data of schema version 999, .*\n$/);
    }
  });
});

describe('while an older consumer runs', () => {
  const pets = { id: 'pets', title: 'Pets', rule: 'open', options: [{ id: 'cat' }] };
  /** Writes the heartbeat of a consumer from before schema versions. */
  const heartbeatOfOlder = async () => {
    const now = Date.now();
    const heartbeat = { role: 'consumer', name: 'old', at: now, startedAt: now, details: {} };
    await redis.send(heartbeatsKey, ['HSET', heartbeatsKey, 'consumer old', JSON.stringify(heartbeat)]);
  };

  test('contests cannot be paused, reset or deleted until the upgrade, after which the older one cannot start', async () => {
    await using contests = await openContestStore({ redis, partitions: 1 });
    assert((await contests.create(pets)).ok);
    await heartbeatOfOlder();
    const changes = [() => contests.pause('pets'), () => contests.reset('pets'), () => contests.remove('pets')];
    for (const change of changes) {
      const outcome = await change();
      expect(outcome).toMatchObject({ ok: false, reason: 'limit' });
      expect(!outcome.ok && 'detail' in outcome && outcome.detail).toMatch(
        /older Votewire is running \(consumer old\)/,
      );
    }
    // Changes that an older consumer can read are still possible, and nothing else was written.
    assert((await contests.close('pets')).ok);
    assert((await contests.open('pets')).ok);
    expect(await redis.send(rulesKey(0), ['HGET', rulesKey(0), 'pets'])).toMatch(/^open 0 \d+$/);
    expect(await redis.send(clusterKey, ['HGET', clusterKey, 'schema'])).toBe(null);
    await redis.send(heartbeatsKey, ['DEL', heartbeatsKey]);
    for (const change of changes) assert((await change()).ok);
    expect(await redis.send(clusterKey, ['HGET', clusterKey, 'schema'])).toBe('2');
  });

  test('a running process stops with a reason when the data becomes too new for it', async () => {
    await using edge = scriptChild('edge', SCRIPTS.edge, {
      REDIS_URL: server.url,
      ...PORTS,
      DATA_DIR: join(dir, 'data'),
    });
    edge.start();
    await edge.hasPrinted('listens on', 60_000);
    await redis.send(clusterKey, ['HSET', clusterKey, 'schema', '999']);
    expect(await edge.ended(), edge.output).toBe(0);
    expect(edge.output).toContain('Redis now holds data that only a newer Votewire can read; stopping');
  });
});

test('after a loss of Redis, the schema version that the contests need is restored', async () => {
  const config = { partitions: 1, secret: undefined, mongodbUrl: undefined, dataDir: join(dir, 'lost') };
  await using deployment = await openDeployment({ redis, config, name: 'a test', intervalMs: 50 });
  assert((await deployment.contests.pause('cats-vs-dogs')).ok);
  await redis.send(undefined, ['FLUSHALL']);
  await waitFor(async () => (await redis.send(clusterKey, ['HGET', clusterKey, 'schema'])) === '2');
});
