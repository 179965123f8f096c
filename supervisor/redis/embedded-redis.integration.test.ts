import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openRedis } from '../../store/redis/redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { startEmbeddedRedis } from './embedded-redis.ts';
import { freePort, startRedisServer } from './redis-server.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-own-redis-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const lines: string[] = [];
const options = async () => ({ dataDir, preferredPort: await freePort(), onLine: (line: string) => lines.push(line) });
const owner = () => JSON.parse(readFileSync(join(dataDir, 'redis', 'owner.json'), 'utf8'));

test('data survives a kill and a stop', async () => {
  {
    await using redis = await startEmbeddedRedis(await options());
    await send(redis.url, ['SET', 'votewire:test', 'stays']);
    const { redis: pid } = owner();
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !redis.up);
    await waitFor(() => redis.up);
    expect(owner().redis).not.toBe(pid);
    expect(await send(redis.url, ['GET', 'votewire:test'])).toBe('stays');
  }
  await using again = await startEmbeddedRedis(await options());
  expect(await send(again.url, ['GET', 'votewire:test'])).toBe('stays');
});

test('a Redis left behind by a killed supervisor is stopped first', async () => {
  const script = `
    const { startEmbeddedRedis } = await import(${JSON.stringify(new URL('embedded-redis.ts', import.meta.url).href)});
    const redis = await startEmbeddedRedis({ dataDir: process.argv[1], preferredPort: ${await freePort()}, onLine: () => {} });
    process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script, dataDir], { timeout: 20_000 });
  const left = owner();
  expect(() => process.kill(left.redis, 0)).not.toThrow();
  await using redis = await startEmbeddedRedis(await options());
  expect(() => process.kill(left.redis, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  expect(redis.up).toBeTruthy();
});

test('the errors for a missing program and a taken port name the cause', async () => {
  const dir = join(dataDir, 'refused');
  await expect(startRedisServer({ dir, via: ['votewire-no-such-command'] })).rejects.toThrow(/ENOENT/);
  await using other = await startRedisServer({ dir: join(dataDir, 'other') });
  await expect(startRedisServer({ dir, port: other.port })).rejects.toThrow(/exited with 1/);
});

test('a Redis that is loading its data stops when its supervisor exits', async () => {
  await fill();
  const script = `
    const { startEmbeddedRedis } = await import(${JSON.stringify(new URL('embedded-redis.ts', import.meta.url).href)});
    setTimeout(() => process.exit(130), 1500);
    await startEmbeddedRedis({ dataDir: process.argv[1], preferredPort: ${await freePort()}, onLine: () => {} });
    process.exit(0);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    env: { ...process.env, PATH: slowPath() },
    timeout: 20_000,
  });
  expect(status, 'it exits while Redis is loading').toBe(130);
  const left = owner();
  await waitFor(() => !isRunning(left.redis));
  await using again = await startEmbeddedRedis(await options());
  expect(await send(again.url, ['GET', 'key 2000'])).toBe('2000');
});

test('aborting the start while Redis loads its data stops it', async () => {
  await fill();
  const { PATH } = process.env;
  process.env.PATH = slowPath();
  try {
    const signal = AbortSignal.timeout(1500);
    await expect(startEmbeddedRedis({ ...(await options()), signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  } finally {
    process.env.PATH = PATH;
  }
  await using again = await startEmbeddedRedis(await options());
  expect(await send(again.url, ['GET', 'key 2000'])).toBe('2000');
});

test('a folder in use by another supervisor is rejected with the remedy', async () => {
  await using _redis = await startEmbeddedRedis(await options());
  const script = `
    const { startEmbeddedRedis } = await import(${JSON.stringify(new URL('embedded-redis.ts', import.meta.url).href)});
    await startEmbeddedRedis({ dataDir: process.argv[1], onLine: () => {} });`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, dataDir], { encoding: 'utf8' });
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(/DATA_DIR=.* is in use by another npm start \(process \d+\)/);
});

/** Writes 2,000 keys. */
async function fill(): Promise<void> {
  await using redis = await startEmbeddedRedis(await options());
  await send(redis.url, ['EVAL', "for n = 1, 2000 do redis.call('SET', 'key ' .. n, n) end", '0']);
  await send(redis.url, ['BGREWRITEAOF']);
  while (!/aof_rewrite_in_progress:0/.test(String(await send(redis.url, ['INFO'])))) await delay(20);
}

/** A PATH with a redis-server that takes seconds to load them. */
function slowPath(): string {
  const dir = mkdtempSync(join(dataDir, 'slow-'));
  const found = spawnSync('which', ['redis-server'], { encoding: 'utf8' }).stdout.trim();
  const args = '--key-load-delay 3000 --loading-process-events-interval-bytes 1024';
  writeFileSync(
    join(dir, 'redis-server'),
    `#!/bin/sh\n[ "$1" = --version ] || set -- "$@" ${args}\nexec ${found} "$@"\n`,
    { mode: 0o755 },
  );
  return `${dir}:${process.env.PATH}`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
}

async function send(url: string, args: string[]): Promise<unknown> {
  await using redis = openRedis({ urls: [url], name: 'test' });
  await redis.whenReady();
  return redis.send(undefined, args);
}
