import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { testNeeding } from './support/needing.ts';
import { waitFor } from './support/wait-for.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-start-'));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

test('npm start runs everything, seeds both paths once, heals, and stops with its state kept', {
  timeout: 120_000,
}, async () => {
  const first = await startSystem();
  await first.said(/seeded 3240 votes: 1620 over HTTP, 1620 over gRPC/);
  await waitFor(async () => (await first.total('cats-vs-dogs')) === 3000 && (await first.total('bandas')) === 240);
  const logs = (await json(`${first.dashboardUrl}/api/logs?contest=cats-vs-dogs&limit=1000`)) as {
    items: { path: string }[];
  };
  const overGrpc = logs.items.filter(({ path }) => path === 'grpc').length;
  expect(overGrpc > 300 && overGrpc < 700, `${overGrpc} of the last 1,000 came over gRPC`).toBeTruthy();
  expect(await (await fetch(`${first.edgeUrl}/visits`)).text()).toMatch(/visited 1 time/);

  const consumer = /consumer-1: Ready .*pid=(\d+)/.exec(first.output())?.[1];
  process.kill(Number(consumer), 'SIGKILL');
  await first.said(/consumer-1: exited unexpectedly; restarting/);

  await first.stop();
  // As a person or a service manager starts it: a signal to npm must reach every process.
  const second = await startSystem({ command: ['npm', 'start', '--silent'], signal: 'SIGTERM' });
  expect(await (await fetch(`${second.edgeUrl}/visits`)).text()).toMatch(/visited 2 times/);
  expect(await second.total('cats-vs-dogs')).toBe(3000);
  await second.stop();
  expect(second.output()).not.toMatch(/seed/);
});

test('Ctrl-C while the sample votes are cast stops it in time', { timeout: 60_000 }, async () => {
  const emptyDir = join(dataDir, 'seeding');
  const { child, closed, output } = spawnStart({ DATA_DIR: emptyDir });
  await waitFor(async () => /casting the sample votes/.test(output()), { timeoutMs: 40_000 });
  // Some votes are in flight by then, and most are still to come.
  await delay(150);
  const at = Date.now();
  child.kill('SIGINT');
  await closed;
  running.delete(child);
  expect(output()).toMatch(/Stopped\. All votes are kept/);
  expect(output()).not.toMatch(/Cannot cast/);
  expect(Date.now() - at, `stopping took ${Date.now() - at} ms`).toBeLessThan(5000);
});

testNeeding(!existsSync('/dev/full') && 'needs /dev/full')(
  'a full disk costs lines of the log file, and nothing else',
  { timeout: 60_000 },
  async () => {
    const fullDir = join(dataDir, 'full');
    mkdirSync(fullDir);
    symlinkSync('/dev/full', join(fullDir, 'npm-start.log'));
    const { child, closed, output } = spawnStart({ DATA_DIR: fullDir, SEED: '0' });
    await waitFor(
      async () => {
        expect(child.exitCode, output()).toBe(null);
        return /Votewire is running/.test(output());
      },
      { timeoutMs: 40_000 },
    );
    child.kill('SIGINT');
    await closed;
    running.delete(child);
    expect(child.exitCode, output()).toBe(0);
    expect(output().match(/npm start: Cannot write .*npm-start\.log: ENOSPC/g)?.length, output()).toBe(1);
  },
);

test('an invalid variable stops the start with its name, its value and what is allowed', async () => {
  const { code, output } = await runToEnd({ PORT: '99999' });
  expect(code).toBe(2);
  expect(output).toMatch(/PORT=99999 is not allowed: it must be a whole number from 0 to 65535/);
});

test('a taken port stops the start with the remedy, before anything runs', async () => {
  await using server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, output } = await runToEnd({ DASHBOARD_PORT: `${port}` });
  expect(code).toBe(1);
  expect(output).toMatch(`Port ${port} (DASHBOARD_PORT) is already in use`);
  expect(output).not.toMatch(/starting/);
});

test('a Redis that does not answer stops the start with the remedy', { timeout: 30_000 }, async () => {
  const { code, output } = await runToEnd({ REDIS_URL: 'redis://user:hidden@127.0.0.1:1' });
  expect(code).toBe(1);
  expect(output).toMatch(
    /REDIS_URL=redis:\/\/user:\*\*\*@127\.0\.0\.1:1 does not answer\. Start that Redis, or unset REDIS_URL/,
  );
  expect(output).not.toMatch(/hidden/);
});

interface Way {
  readonly command: readonly [string, ...string[]];
  readonly signal: NodeJS.Signals;
}

const directly: Way = { command: [process.execPath, 'supervisor/start.ts'], signal: 'SIGINT' };

function spawnStart(env: Record<string, string>, { command: [program, ...args] }: Way = directly) {
  const child = spawn(program, args, {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return { child, closed: once(child, 'close'), output: () => output };
}

async function runToEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { child, closed, output } = spawnStart(env);
  await closed;
  running.delete(child);
  return { code: child.exitCode, output: output() };
}

async function startSystem(way = directly) {
  const { child, closed, output } = spawnStart({}, way);
  const said = async (what: RegExp) => {
    await waitFor(
      async () => {
        expect(child.exitCode, output()).toBe(null);
        return what.test(output());
      },
      { timeoutMs: 40_000 },
    );
    return what.exec(output())?.[1] ?? '';
  };
  const edgeUrl = await said(/Vote +(http:\S+)/);
  const dashboardUrl = await said(/Dashboard +(http:\S+)/);
  return {
    edgeUrl,
    dashboardUrl,
    output,
    said,
    total: async (contest: string) => {
      const { total } = (await json(`${edgeUrl}/v1/contests/${contest}/results`)) as { total: number };
      return total;
    },
    async stop() {
      const at = Date.now();
      child.kill(way.signal);
      // Emitted once every process that holds its output has exited.
      await closed;
      running.delete(child);
      expect(output()).toMatch(/Stopped\. All votes are kept/);
      if (way === directly) expect(child.exitCode).toBe(0);
      expect(Date.now() - at, `stopping took ${Date.now() - at} ms`).toBeLessThan(5000);
      await expect(fetch(edgeUrl)).rejects.toThrow();
      await expect(fetch(dashboardUrl)).rejects.toThrow();
    },
  };
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
