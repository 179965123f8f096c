import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { readEvents } from './testing/dashboard-fixture.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function run(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

describe('the dashboard as a process', () => {
  let dir: string;
  let redis: RedisServer;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'votewire-dashboard-main-'));
    redis = await startRedisServer({ dir });
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  test('stops on SIGTERM with viewers connected', async () => {
    const { child, output } = run({ REDIS_URL: redis.url, DATA_DIR: dir, DASHBOARD_PORT: '0' });
    try {
      await waitFor(() => output().includes('http://localhost:'), { what: 'the address', timeoutMs: 15_000 });
      const url = /http:\/\/localhost:\d+/.exec(output())?.[0] ?? '';
      using results = await readEvents(`${url}/api/events`);
      using log = await readEvents(`${url}/api/logs/events`);
      await waitFor(() => results.events('contests').length > 0 && log.events('beat').length > 0, {
        what: 'both streams',
      });
      const ended = once(child, 'exit');
      const startedAt = performance.now();
      child.kill('SIGTERM');
      expect(await ended, output()).toStrictEqual([0, null]);
      expect(performance.now() - startedAt).toBeLessThan(1500);
      await waitFor(() => results.response.complete && log.response.complete, { what: 'the end of both streams' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('stops on SIGTERM while it waits for Redis', async () => {
    const { child, output } = run({ REDIS_URL: 'redis://127.0.0.1:1', DATA_DIR: dir, DASHBOARD_PORT: '0' });
    try {
      await waitFor(() => output().includes('ECONNREFUSED'), { what: 'a connection attempt', timeoutMs: 15_000 });
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended, output()).toStrictEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  const bad: [string, string, string][] = [
    ['DASHBOARD_PORT', '99999', 'DASHBOARD_PORT must be an integer from 0 to 65535; got "99999"'],
    ['ADMIN_TOKEN', 'short', 'ADMIN_TOKEN must be at least 16 characters long'],
    ['VOTE_URL', 'ftp://x', 'VOTE_URL must be'],
    ['EMBED_ORIGINS', 'https://a.example/path', 'EMBED_ORIGINS must be'],
    ['TICK_MS', '0', 'TICK_MS must be'],
  ];
  for (const [name, value, message] of bad) {
    test(`${name}=${value} stops the start with a message`, async () => {
      const { child, output } = run({ REDIS_URL: redis.url, DATA_DIR: dir, DASHBOARD_PORT: '0', [name]: value });
      expect(await once(child, 'close')).toStrictEqual([2, null]);
      expect(JSON.parse(output())).toMatchObject({ level: 'fatal', message: expect.stringContaining(message) });
    });
  }
});
