import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../supervisor/redis/redis-server.ts';
import { Child } from './support/child.ts';
import { testNeeding } from './support/needing.ts';
import { waitFor } from './support/wait-for.ts';

const START_MS = 40_000;
const STOP_MS = 5000;

const dataDir = mkdtempSync(join(tmpdir(), 'votewire-start-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

type Command = readonly [string, ...string[]];
const DIRECTLY: Command = [process.execPath, 'supervisor/start.ts'];

test('npm start runs everything, casts the seed votes once, restarts a service, and stops with its state kept', {
  timeout: 120_000,
}, async () => {
  await using first = await startSystem();
  await first.child.hasPrinted(/seeded 3240 votes: 1620 over HTTP, 1620 over gRPC/, START_MS);
  await waitFor(async () => (await first.total('cats-vs-dogs')) === 3000 && (await first.total('bandas')) === 240);
  const logs = (await json(`${first.dashboardUrl}/api/logs?contest=cats-vs-dogs&limit=1000`)) as {
    items: { path: string }[];
  };
  const overGrpc = logs.items.filter(({ path }) => path === 'grpc').length;
  expect(overGrpc, 'gRPC votes of the last 1,000').toBeGreaterThan(300);
  expect(overGrpc, 'gRPC votes of the last 1,000').toBeLessThan(700);
  expect(await (await fetch(`${first.edgeUrl}/visits`)).text()).toMatch(/visited 1 time/);

  process.kill(Number(await first.child.hasPrinted(/consumer-1: Ready .*pid=(\d+)/)), 'SIGKILL');
  await first.child.hasPrinted(/consumer-1: exited unexpectedly/, START_MS);

  await first.stop('SIGINT');
  // Started through npm, as by a person or a service manager: a signal to npm must reach every service.
  await using second = await startSystem(['npm', 'start', '--silent']);
  expect(await (await fetch(`${second.edgeUrl}/visits`)).text()).toMatch(/visited 2 times/);
  expect(await second.total('cats-vs-dogs')).toBe(3000);
  await second.stop('SIGTERM');
  expect(second.child.output).not.toMatch(/seed/);
});

test('Ctrl-C during the seed votes stops it in time', { timeout: 60_000 }, async () => {
  const port = await freePort();
  await using child = startChild({ DATA_DIR: join(dataDir, 'seeding'), PORT: `${port}` });
  await child.hasPrinted('casting the sample votes', START_MS);
  const total = () => totalOf(`http://127.0.0.1:${port}`, 'cats-vs-dogs').catch(() => 0);
  await waitFor(async () => (await total()) > 0, { what: 'some of the seed votes are counted' });
  await stopInTime(child, 'SIGINT');
  expect(child.output).not.toMatch(/Cannot cast/);
});

testNeeding(!existsSync('/dev/full') && 'needs /dev/full')(
  'a full disk loses only lines of its log file',
  { timeout: 60_000 },
  async () => {
    const fullDir = join(dataDir, 'full');
    mkdirSync(fullDir);
    symlinkSync('/dev/full', join(fullDir, 'npm-start.log'));
    await using child = startChild({ DATA_DIR: fullDir, SEED: '0' });
    await child.hasPrinted('Votewire is running', START_MS);
    expect(await child.stop('SIGINT'), child.output).toBe(0);
    expect(child.output.match(/npm start: Cannot write .*npm-start\.log: ENOSPC/g)?.length, child.output).toBe(1);
  },
);

test('an invalid variable stops the start with its name, its value and its range', async () => {
  const output = await failedStart({ PORT: '99999' }, 2);
  expect(output).toMatch(/PORT must be an integer from 0 to 65535; got "99999"/);
});

test('a port in use stops the start before anything runs', async () => {
  await using server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const output = await failedStart({ DASHBOARD_PORT: `${port}` });
  expect(output).toMatch(`Port ${port} (DASHBOARD_PORT) is already in use`);
  expect(output).not.toMatch(/starting/);
});

test('a Redis that does not answer stops the start with the remedy', { timeout: 30_000 }, async () => {
  const output = await failedStart({ REDIS_URL: 'redis://user:hidden@127.0.0.1:1' });
  expect(output).toMatch(
    /REDIS_URL=redis:\/\/user:\*\*\*@127\.0\.0\.1:1 does not answer\. Start that Redis, or unset REDIS_URL/,
  );
  expect(output).not.toMatch(/hidden/);
});

/** `npm start` as a child on free ports. */
function startChild(env: Record<string, string>, command: Command = DIRECTLY): Child {
  const ports = { PORT: '0', DASHBOARD_PORT: '0', REDIS_PORT: '0' };
  const child = new Child({ name: 'npm start', command, env: { ...ports, DATA_DIR: dataDir, ...env } });
  child.start();
  return child;
}

/** Output of a start that fails. */
async function failedStart(env: Record<string, string>, code = 1): Promise<string> {
  await using child = startChild(env);
  expect(await child.ended(), child.output).toBe(code);
  return child.output;
}

/** Stops it; its services have exited when its output closes. */
async function stopInTime(child: Child, signal: NodeJS.Signals): Promise<number | null> {
  const began = performance.now();
  const code = await child.stop(signal);
  expect(child.output).toMatch(/Stopped\. All votes are kept/);
  expect(performance.now() - began, 'milliseconds to stop').toBeLessThan(STOP_MS);
  return code;
}

async function startSystem(command = DIRECTLY) {
  const child = startChild({}, command);
  const edgeUrl = await child.hasPrinted(/Vote +(http:\S+)/, START_MS);
  const dashboardUrl = await child.hasPrinted(/Dashboard +(http:\S+)/, START_MS);
  return {
    child,
    edgeUrl,
    dashboardUrl,
    total: (contest: string) => totalOf(edgeUrl, contest),
    async stop(signal: NodeJS.Signals) {
      const code = await stopInTime(child, signal);
      // npm exits with its own code.
      if (command === DIRECTLY) expect(code).toBe(0);
      await expect(fetch(edgeUrl)).rejects.toThrow();
      await expect(fetch(dashboardUrl)).rejects.toThrow();
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function totalOf(edgeUrl: string, contest: string): Promise<number> {
  return ((await json(`${edgeUrl}/v1/contests/${contest}/results`)) as { total: number }).total;
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
