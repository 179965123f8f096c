import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';

/** A separate Redis server and a connection to it. */
export interface TestRedis extends AsyncDisposable {
  readonly server: RedisServer;
  readonly redis: Redis;
  /** The server's folder, removed at the end; a test may use it as DATA_DIR. */
  readonly dir: string;
}

export async function startTestRedis(): Promise<TestRedis> {
  await using started = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'votewire-redis-'));
  started.defer(() => rmSync(dir, { recursive: true, force: true }));
  const server = started.use(await startRedisServer({ dir }));
  const redis = started.use(openRedis({ urls: [server.url], name: 'test', onError: () => undefined }));
  await redis.whenReady();
  const resources = started.move();
  return { server, redis, dir, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/**
 * One server for all tests of the calling file or suite: hands it to `onStart` before them, and stops it after them.
 */
export function useTestRedis(onStart: (started: TestRedis) => void): void {
  let started: TestRedis | undefined;
  beforeAll(async () => {
    started = await startTestRedis();
    onStart(started);
  });
  afterAll(() => started?.[Symbol.asyncDispose]());
}
