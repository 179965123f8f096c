import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openContestStore } from '../store/contests/open-contest-store.ts';
import { ensurePartition } from '../store/deployment/partition.ts';
import { openRedis } from '../store/redis/redis.ts';
import { startEmbeddedRedis } from '../supervisor/redis/embedded-redis.ts';
import { startRedisServer } from '../supervisor/redis/redis-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-commands-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const COMMANDS = [
  { args: ['recount', 'cats-vs-dogs'], found: /They agree/ },
  { args: ['dead-letters', 'list'], found: /^0 dead letters/ },
] as const;

test('without REDIS_URL, commands find the Redis of npm start on any port', async () => {
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
  expect(existsSync(file), 'the address file is left behind after Redis stopped').toBeFalsy();
});

test('rejects an address file that a killed npm start left behind', async () => {
  const dataDir = join(dir, 'left');
  await using other = await startRedisServer({ dir: join(dataDir, 'other') });
  writeFileSync(join(dataDir, 'redis-url'), `${other.url}\n`);
  for (const { args } of COMMANDS) {
    const { code, output } = await run(args, { DATA_DIR: dataDir });
    expect(code).toBe(3);
    expect(output).toBe(
      `The Redis at ${other.url} is not the one that npm start ran for DATA_DIR=${dataDir}. Run npm start again, or set REDIS_URL.\n`,
    );
  }
});

test('the error for an unreachable Redis names its address, the reason and the remedy', async () => {
  const runs = COMMANDS.map(async ({ args }) => {
    const { code, output } = await run(args, { DATA_DIR: dir, REDIS_URL: 'redis://user:hidden@127.0.0.1:1' });
    expect(code).toBe(3);
    expect(output).toMatch(
      /^REDIS_URL=redis:\/\/user:\*\*\*@127\.0\.0\.1:1 does not answer: .*ECONNREFUSED.*\. Start that Redis, or .*\n$/,
    );
  });
  await Promise.all(runs);
});

test('an unknown option exits with the usage code, not the code for a difference', async () => {
  const { code, output } = await run(['recount', 'cats-vs-dogs', '--aply'], {});
  expect(code).toBe(2);
  expect(output).toMatch(/^Unknown option '--aply'/);
  expect(output).not.toMatch(/\n +at /);
});

test('plan prints text or JSON, and an invalid load is a usage error', async () => {
  const text = await run(['plan', '--votes-per-second', '100000', '--batch', '10'], {});
  expect(text.code, text.output).toBe(0);
  expect(text.output).toMatch(/^100,000 votes\/s in requests of 10/);
  const json = await run(['plan', '--votes-per-second', '1000', '--json'], {});
  const { input, plan } = JSON.parse(json.output);
  expect(input.votesPerSecond).toBe(1000);
  expect(plan.processes.edge).toBeGreaterThan(0);
  const wrong = await run(['plan', '--votes-per-second', '0'], {});
  expect(wrong.code).toBe(2);
  expect(wrong.output).toMatch(/^--votes-per-second 0: must be a number from 1 to/);
  expect((await run(['plan'], {})).output).toMatch(/^--votes-per-second is required/);
});

test('a rejected request exits with 1 and its reason, a server that is away with 3 and the address', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(404).end(JSON.stringify({ detail: 'Unknown contest "x"', code: 'unknown_contest' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const commands = [
    ['results', 'x'],
    ['logs', '--contest', 'x'],
    ['contests', 'close', 'x'],
    ['vote', 'x', 'y'],
  ];
  const runAll = () =>
    Promise.all(commands.map(async (args) => await run(args, { EDGE_URL: url, DASHBOARD_URL: url, DATA_DIR: dir })));
  for (const { code, output } of await runAll()) {
    expect([code, output]).toStrictEqual([
      1,
      expect.stringMatching(/^(failed: )?Unknown contest "x" \(unknown_contest\)\n$/),
    ]);
  }
  server.close();
  await once(server, 'close');
  commands.push(['watch', 'x'], ['vote', 'x', 'y', '--transport', 'grpc']);
  for (const { code, output } of await runAll()) {
    expect([code, output]).toStrictEqual([
      3,
      expect.stringContaining(`${url} does not answer: ECONNREFUSED. Start it`),
    ]);
  }
});

test('the forms of a command are a line each, and a wrong one is named', async () => {
  const { code, output } = await run(['contests', 'frobnicate', 'tea'], {});
  expect(code).toBe(2);
  expect(output).toMatch(
    /^Unknown action, or wrong arguments: frobnicate tea\nUsage: votewire contests list \[options\]\n {7}votewire contests create <json>\|- \[options\]\n/,
  );
});

async function run(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
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
