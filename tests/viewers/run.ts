import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readAllUsage, usageSince } from '../../bench/load/process-usage.ts';
import { startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { printHelp } from '../../tools/print-help.ts';
import { Child } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';
import { Viewer } from './viewer.ts';

printHelp(`npm run test:viewers   1,000 viewers on two dashboards at 5,000 votes a second

Exit codes: 0 every limit met, 1 otherwise.`);

/**
 * `npm run test:viewers`: many viewers on two dashboards while votes arrive. Each viewer must get at most four
 * snapshots a second, versions that only grow, and each vote within a second (99 %); no listener may be left over.
 * Prints the figures with the CPU and memory of the dashboards, and exits with 1 if a limit is not met.
 */
const VIEWERS = 1000;
const VOTES_PER_SECOND = 5000;
const SECONDS = 20;
const BATCHES_PER_SECOND = 10;
const CONTEST = 'bandas';
const LIMITS = { snapshotsPerSecond: 4.2, p99Ms: 1000 };

await using resources = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'votewire-viewers-'));
resources.defer(() => rm(dir, { recursive: true, force: true }));
const redis = resources.use(await startRedisServer({ dir }));
const env = { REDIS_URL: redis.url, DATA_DIR: dir, MONGODB_URL: '' };
const edge = resources.use(await startEdgeProcess('node', env));
const start = async (name: string, file: string, more: Record<string, string>, printed: RegExp) => {
  const child = resources.use(new Child({ name, command: [process.execPath, file], env: { ...env, ...more } }));
  child.start();
  return { child, line: await child.hasPrinted(printed, 20_000) };
};
await start('consumer', 'consumer/main.ts', {}, /(.+)\n/);
const dashboards = await Promise.all(
  ['dashboard-1', 'dashboard-2'].map(async (name) => {
    const more = { DASHBOARD_PORT: '0', DASHBOARD_HOST: '127.0.0.1' };
    const { child, line } = await start(name, 'dashboard/server/main.ts', more, /(listens on .*)\n/);
    return {
      name,
      pid: child.pid ?? 0,
      url: `http://127.0.0.1:${/localhost:(\d+)|127\.0\.0\.1:(\d+)/.exec(line)?.slice(1).find(Boolean)}`,
    };
  }),
);

const viewers = Array.from({ length: VIEWERS }, (_, n) => {
  const { url } = dashboards[n % dashboards.length] ?? { url: '' };
  return resources.use(new Viewer(`${url}/api/contests/${CONTEST}/events`));
});
await waitFor(() => viewers.every(({ snapshots }) => snapshots.length > 0), { what: 'viewers', timeoutMs: 60_000 });
const before = readAllUsage(dashboards);
const began = performance.now();

/** The total after each batch, and when it was sent. */
const sent: { readonly at: number; readonly total: number }[] = [];
let total = 0;
for (let batch = 0; batch < SECONDS * BATCHES_PER_SECOND; batch++) {
  await delay(Math.max(0, began + (batch * 1000) / BATCHES_PER_SECOND - performance.now()));
  total += await cast(VOTES_PER_SECOND / BATCHES_PER_SECOND, batch);
}
const seconds = (performance.now() - began) / 1000;
await waitFor(() => viewers.every(({ snapshots }) => snapshots.at(-1)?.total === total), {
  what: 'every viewer shows every vote',
  timeoutMs: 30_000,
});
const usage = usageSince(dashboards, before);

const delays = viewers.flatMap(({ snapshots }) => delaysOf(snapshots)).sort((a, b) => a - b);
const rates = viewers.map(({ snapshots }) => snapshots.filter(({ at }) => at >= began).length / seconds);
const open = async () => (await Promise.all(dashboards.map(({ url }) => listeners(url)))).reduce((a, b) => a + b, 0);
const atMost = await open();
for (const viewer of viewers) viewer[Symbol.dispose]();
await waitFor(async () => (await open()) === 0, { what: 'no listener is left', timeoutMs: 10_000 }).catch(
  () => undefined,
);

const p = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? Number.NaN);
const most = Math.max(...rates);
const wentBack = viewers.reduce((sum, viewer) => sum + viewer.wentBack, 0);
const broken = viewers.filter((viewer) => viewer.broken).length;
const left = await open();
const checks: readonly (readonly [string, boolean])[] = [
  [
    `${VIEWERS} viewers on ${dashboards.length} dashboards, ${Math.round(total / seconds)} votes/s for ${seconds.toFixed(1)} s`,
    total / seconds > 0.95 * VOTES_PER_SECOND,
  ],
  [`snapshots per second and viewer: at most ${most.toFixed(2)}`, most <= LIMITS.snapshotsPerSecond],
  [`versions that did not grow: ${wentBack}; streams that broke: ${broken}`, wentBack + broken === 0],
  [`vote to screen: p50 ${p(0.5)} ms, p99 ${p(0.99)} ms, max ${p(0.999999)} ms`, p(0.99) < LIMITS.p99Ms],
  [`listeners: ${atMost} during, ${left} after they left`, atMost === VIEWERS && left === 0],
];
for (const [text, isMet] of checks) console.log(`${isMet ? 'ok  ' : 'FAIL'} ${text}`);
for (const { name, cpuSeconds, rssBytes } of usage) {
  const cores = cpuSeconds === null ? '?' : ((100 * cpuSeconds) / seconds).toFixed(1);
  console.log(`     ${name}: ${cores} % of a core, ${Math.round((rssBytes ?? 0) / 2 ** 20)} MB`);
}
process.exitCode = checks.every(([, isMet]) => isMet) ? 0 : 1;

/** One batch; returns the number of votes that the edge accepted. */
async function cast(votes: number, batch: number): Promise<number> {
  const lines = Array.from({ length: votes }, (_, n) =>
    JSON.stringify({ contest: CONTEST, choice: n % 2 === 0 ? 'la-tona' : 'alux-nahual', voter: `voter-${batch}-${n}` }),
  );
  const at = performance.now();
  const response = await fetch(`${edge.httpUrl}/v1/votes`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  const { accepted } = (await response.json()) as { accepted: number };
  sent.push({ at, total: total + accepted });
  return accepted;
}

/** Milliseconds from sending each batch until a snapshot has all of its votes. */
function delaysOf(snapshots: Viewer['snapshots']): number[] {
  let next = 0;
  return sent.flatMap((batch) => {
    while (next < snapshots.length && (snapshots[next]?.total ?? 0) < batch.total) next += 1;
    const shown = snapshots[next];
    return shown === undefined ? [] : [shown.at - batch.at];
  });
}

async function listeners(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^votewire_dashboard_viewers\{kind="results"\} (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}
