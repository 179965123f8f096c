import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { Child } from './faults/tools/child.ts';
import { startCuttingProxy } from './faults/tools/cutting-proxy.ts';
import { isReady } from './faults/tools/system.ts';

const PARTS = [
  { name: 'edge', script: 'edge/runtime/node.ts', port: 'PORT' },
  { name: 'consumer', script: 'consumer/main.ts', port: 'CONSUMER_PORT' },
  { name: 'dashboard', script: 'dashboard/server/main.ts', port: 'DASHBOARD_PORT' },
];
/** A start that asks Redis for nothing would pass all too easily. */
const LEAST_CUTS = 5;

describe('a start while the connection to Redis is cut again and again', () => {
  let dir: string;
  let redis: RedisServer;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'votewire-cuts-'));
    redis = await startRedisServer({ dir: join(dir, 'redis') });
  });
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const { name, script, port: variable } of PARTS) {
    test(`${name} becomes ready`, async () => {
      await using proxy = await startCuttingProxy(redis);
      let passed = 0;
      // More comes through each time: the cuts meet one step after the other, and each step comes to its end.
      proxy.judge = () => {
        if (passed++ < proxy.cuts / 2) return 'forward';
        passed = 0;
        return proxy.cuts % 2 === 0 ? 'cut-before' : 'cut-after';
      };
      const port = await freePort();
      const redisUrl = `redis://127.0.0.1:${proxy.port}`;
      await using child = new Child(name, script, { DATA_DIR: dir, REDIS_URL: redisUrl, [variable]: `${port}` });
      child.start();
      await child.until('it is ready', () => isReady(`http://127.0.0.1:${port}`));
      expect(proxy.cuts, `${proxy.cuts} cuts`).toBeGreaterThanOrEqual(LEAST_CUTS);
      proxy.judge = () => 'forward';
      expect(await child.stop('SIGTERM'), child.output).toBe(0);
    });
  }
});

describe('a stop while Redis is not there', () => {
  for (const { name, script, port } of PARTS) {
    test(`${name} ends in order`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'votewire-away-'));
      try {
        const redisUrl = `redis://127.0.0.1:${await freePort()}`;
        await using child = new Child(name, script, { DATA_DIR: dir, REDIS_URL: redisUrl, [port]: '0' });
        child.start();
        await child.hasPrinted('ECONNREFUSED');
        // Not by the signal itself: it does nothing to process 1 of a container that has no handler for it.
        expect(await child.stop('SIGTERM', 4000), child.output).toBe(0);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
  }
});
