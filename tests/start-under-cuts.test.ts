import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { startCuttingProxy } from './faults/system/cutting-proxy.ts';
import { isReady } from './faults/system/is-ready.ts';
import { scriptChild } from './support/child.ts';

const PROCESSES = [
  { name: 'edge', script: 'edge/main.ts', port: 'PORT' },
  { name: 'consumer', script: 'consumer/main.ts', port: 'CONSUMER_PORT' },
  { name: 'dashboard', script: 'dashboard/server/main.ts', port: 'DASHBOARD_PORT' },
];
/** A start that sends Redis no command would pass trivially. */
const LEAST_CUTS = 5;

describe('a start while the connection to Redis is repeatedly cut', () => {
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

  for (const { name, script, port: variable } of PROCESSES) {
    test(`${name} becomes ready`, async () => {
      await using proxy = await startCuttingProxy(redis);
      let passed = 0;
      // Each connection passes more commands, so that the cuts hit one step after the other, and each step succeeds in
      // the end.
      proxy.judge = () => {
        if (passed++ < proxy.cuts / 2) return 'forward';
        passed = 0;
        return proxy.cuts % 2 === 0 ? 'cut-before' : 'cut-after';
      };
      const port = await freePort();
      const redisUrl = `redis://127.0.0.1:${proxy.port}`;
      await using child = scriptChild(name, script, { DATA_DIR: dir, REDIS_URL: redisUrl, [variable]: `${port}` });
      child.start();
      await child.until('it is ready', () => isReady(`http://127.0.0.1:${port}`));
      expect(proxy.cuts, `${proxy.cuts} cuts`).toBeGreaterThanOrEqual(LEAST_CUTS);
      proxy.judge = () => 'forward';
      expect(await child.stop('SIGTERM'), child.output).toBe(0);
    });
  }
});

describe('a stop while Redis is down', () => {
  for (const { name, script, port } of PROCESSES) {
    test(`${name} exits with code 0`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'votewire-down-'));
      try {
        const redisUrl = `redis://127.0.0.1:${await freePort()}`;
        await using child = scriptChild(name, script, { DATA_DIR: dir, REDIS_URL: redisUrl, [port]: '0' });
        child.start();
        await child.hasPrinted('ECONNREFUSED');
        // By its own handler, because in a container process 1 ignores signals without a handler.
        expect(await child.stop('SIGTERM', 4000), child.output).toBe(0);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
  }
});
