import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openContestStore } from '../store/contests/contests.ts';
import { ensurePartition } from '../store/deployment/partition.ts';
import { openRedis } from '../store/redis/redis.ts';
import { startEmbeddedRedis } from '../supervisor/redis/embedded-redis.ts';
import { startRedisServer } from '../supervisor/redis/redis-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-commands-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const COMMANDS = [
  { args: ['recount.ts', 'cats-vs-dogs'], failed: 2, found: /They agree/ },
  { args: ['dead-letters.ts', 'list'], failed: 1, found: /^0 dead letters/ },
] as const;

test('without REDIS_URL they work on the Redis that npm start runs, whatever its port', async () => {
  const dataDir = join(dir, 'own');
  const file = join(dataDir, 'redis-url');
  {
    await using own = await startEmbeddedRedis({ dataDir, preferredPort: 0, onLine: () => undefined });
    await using redis = openRedis({ urls: [own.url], name: 'test' });
    await redis.whenReady();
    await using _contests = await openContestStore({ redis, partitions: 4 });
    for (let partition = 0; partition < 4; partition++) await ensurePartition(redis, partition);
    for (const { args, found } of COMMANDS) {
      const { code, output } = await run(args, { DATA_DIR: dataDir });
      expect(code, output).toBe(0);
      expect(output).toMatch(found);
    }
    expect(existsSync(file)).toBeTruthy();
  }
  expect(existsSync(file), 'the address outlived the Redis').toBeFalsy();
});

test('an address that a killed npm start left behind leads to no other Redis', async () => {
  const dataDir = join(dir, 'left');
  await using other = await startRedisServer({ dir: join(dataDir, 'other') });
  writeFileSync(join(dataDir, 'redis-url'), `${other.url}\n`);
  for (const { args, failed } of COMMANDS) {
    const { code, output } = await run(args, { DATA_DIR: dataDir });
    expect(code).toBe(failed);
    expect(output).toBe(
      `The Redis at ${other.url} is not the one that npm start ran for DATA_DIR=${dataDir}. Run npm start again, or set REDIS_URL.\n`,
    );
  }
});

test('a Redis that does not answer is named, with the reason and the remedy', async () => {
  const runs = COMMANDS.map(async ({ args, failed }) => {
    const { code, output } = await run(args, { DATA_DIR: dir, REDIS_URL: 'redis://user:hidden@127.0.0.1:1' });
    expect(code).toBe(failed);
    expect(output).toMatch(
      /^REDIS_URL=redis:\/\/user:\*\*\*@127\.0\.0\.1:1 does not answer: .*ECONNREFUSED.*\. Start that Redis, or .*\n$/,
    );
  });
  await Promise.all(runs);
});

test('an option that recount does not know is an error, not a difference', async () => {
  const { code, output } = await run(['recount.ts', 'cats-vs-dogs', '--aply'], {});
  expect(code).toBe(2);
  expect(output).toMatch(/^Unknown option '--aply'/);
  expect(output).not.toMatch(/\n +at /);
});

async function run([file, ...args]: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, file ?? ''), ...args], {
    env: { ...process.env, REDIS_URL: '', MONGODB_URL: '', PARTITIONS: '', SECRET: '', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}
