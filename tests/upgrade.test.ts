import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { REDIS_SCHEMA } from '../store/deployment/redis-schema.ts';
import { openRedis, type Redis } from '../store/redis/redis.ts';
import { clusterKey } from '../store/streams/keys.ts';
import { startMongoServer } from '../supervisor/build/mongo-server.ts';
import { type RedisServer, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { Child, scriptChild } from './support/child.ts';
import { testNeeding } from './support/needing.ts';

/** Data of other versions of Votewire: newer data is refused at the start, and running processes agree on what they write. */
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

/** Starts a process, which must refuse; resolves to what it printed. */
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
