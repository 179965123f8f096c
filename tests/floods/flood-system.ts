import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeProcess, startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { scriptChild } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';
import { castHonestVotes } from './honest-votes.ts';

/** As `npm start` has them. */
const MEMORY_OPTIONS = { NODE_OPTIONS: '--max-semi-space-size=4', MALLOC_ARENA_MAX: '1' };
const LOGGED_VOTES = 100_000;
const BATCH = 5_000;
const SETTLED_BYTES = 4 << 20;
const WARM_UP_ROUNDS = 8;

type Target = 'edge' | 'dashboard';

/** A complete system with 100,000 votes in its log. */
export interface FloodSystem extends AsyncDisposable {
  readonly edge: EdgeProcess;
  readonly dashboardUrl: string;
  port(target: Target): number;
  residentBytes(target: Target): number;
}

/** Starts the processes with the options of `npm start`, and applies honest load until their memory is steady. */
export async function startFloodSystem(): Promise<FloodSystem> {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-floods-'));
  opening.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = opening.use(await startRedisServer({ dir, port: await freePort() }));
  const env = { REDIS_URL: redis.url, DATA_DIR: dir };
  const edge = opening.use(await startEdgeProcess('node', { ...env, ...MEMORY_OPTIONS }));
  const consumer = opening.use(scriptChild('consumer', 'consumer/main.ts', env));
  consumer.start();
  await fillLog(edge.httpUrl, dir);
  const dashboardPort = await freePort();
  const dashboardEnv = { ...env, ...MEMORY_OPTIONS, DASHBOARD_PORT: `${dashboardPort}`, DASHBOARD_HOST: '127.0.0.1' };
  const dashboard = opening.use(scriptChild('dashboard', 'dashboard/server/main.ts', dashboardEnv));
  dashboard.start();
  await dashboard.hasPrinted(/listens on/, 20_000);
  const pids = { edge: Number(/"pid":(\d+)/.exec(edge.output())?.[1]), dashboard: dashboard.pid };
  const residentBytes = (target: Target) => {
    const status = readFileSync(`/proc/${pids[target]}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };
  const dashboardUrl = `http://127.0.0.1:${dashboardPort}`;
  await warmUp(edge.httpUrl, dashboardUrl, () => residentBytes('edge') + residentBytes('dashboard'));
  const stack = opening.move();
  return {
    edge,
    dashboardUrl,
    residentBytes,
    port: (target) => Number(new URL(target === 'edge' ? edge.httpUrl : dashboardUrl).port),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function fillLog(edgeUrl: string, dataDir: string): Promise<void> {
  const attributes = { note: 'x'.repeat(60) };
  for (let batch = 0; batch < LOGGED_VOTES / BATCH; batch++) {
    const vote = { contest: 'bandas', choice: 'la-tona', attributes };
    const lines = Array.from({ length: BATCH }, (_, n) => JSON.stringify({ ...vote, voter: `voter-${batch}-${n}` }));
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${edgeUrl}/v1/votes`, { method: 'POST', headers, body: lines.join('\n') });
    if (!answer.ok) throw new Error(`The log cannot be filled: ${await answer.text()}`);
  }
  await using log = await openLogStore({ mongodbUrl: undefined, dataDir, logTtlDays: 0 });
  const isLogged = async () => (await log.totals()).votes === LOGGED_VOTES;
  await waitFor(isLogged, { what: 'the votes are logged', timeoutMs: 60_000 });
}

/** Applies honest load: V8's heap grows for the first rounds, then settles. */
async function warmUp(edgeUrl: string, dashboardUrl: string, bytes: () => number): Promise<void> {
  for (let round = 0, grown = Number.POSITIVE_INFINITY; round < WARM_UP_ROUNDS && grown > SETTLED_BYTES; round++) {
    const before = bytes();
    const voting = castHonestVotes({ url: edgeUrl, ms: 2_000, votesPerSecond: 1_000 });
    for (const path of ['export?format=csv', 'counts', ...Array<string>(20).fill('?limit=1000')]) {
      await (await fetch(`${dashboardUrl}/api/logs/${path}`)).arrayBuffer();
    }
    const { failures } = await voting;
    if (failures.length > 0) throw new Error(`Votes failed without an attack: ${failures[0]}`);
    grown = bytes() - before;
  }
}
