import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeRuntime, startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { parseInteger } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { printHelp } from '../../tools/print-help.ts';
import { scriptChild } from '../support/child.ts';
import { dashboardRequests, HOSTILE_ADMIN_TOKEN } from './cases/dashboard-requests.ts';
import { httpRequests } from './cases/http-requests.ts';
import { jsonBodies } from './cases/json-bodies.ts';
import { protocolCorners } from './cases/protocol-corners.ts';
import { rpcMessages } from './cases/rpc-messages.ts';
import { sameVerdict } from './cases/same-verdict.ts';
import { FORBIDDEN, type HostileCase } from './hostile-case.ts';
import { Target } from './target.ts';

printHelp(`npm run test:hostile [-- node|bun|deno|dashboard ...]   sends hostile requests and prints a row for each

Default targets: an edge on every runtime, and a dashboard. --quick sends messages that must get the same answer on all
paths to one runtime only.

Exit codes: 0 every answer is as expected, 1 otherwise.`);

/**
 * `npm run test:hostile [-- <runtime>… dashboard]`: sends every case to an edge on every runtime, and the dashboard's
 * to a dashboard, and prints a row for each: what was sent, the answer, whether the server is ready, and its memory.
 * Fails for an unexpected answer, an internal error, a server that is not ready, or a stored vote that was not
 * acknowledged.
 */
const PARTITIONS = 4;
const CASES: readonly HostileCase[] = [...jsonBodies, ...httpRequests, ...protocolCorners, ...rpcMessages];
const VARIANTS: readonly { readonly runtime: EdgeRuntime; readonly ingress: string }[] = [
  { runtime: 'node', ingress: 'direct' },
  { runtime: 'node', ingress: 'framework' },
  { runtime: 'bun', ingress: 'direct' },
  { runtime: 'deno', ingress: 'direct' },
];

const isQuick = process.argv.includes('--quick');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--quick');
let passed = 0;
let failed = 0;

await using resources = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'votewire-hostile-'));
resources.defer(() => rm(dir, { recursive: true, force: true }));
const server = resources.use(await startRedisServer({ dir }));
const redis = resources.use(openRedis({ urls: [server.url], name: 'hostile' }));
await redis.whenReady();
for (const [at, { runtime, ingress }] of VARIANTS.entries()) {
  if (wanted.length > 0 && !wanted.includes(runtime)) continue;
  await using edge = await startEdgeProcess(runtime, { REDIS_URL: server.url, DATA_DIR: dir, INGRESS: ingress });
  const cases = isQuick
    ? [...CASES, ...sameVerdict.filter((_, n) => n % VARIANTS.length === at)]
    : [...CASES, ...sameVerdict];
  await runAll(cases, edge.httpUrl, ingress === 'direct' ? runtime : `${runtime}/${ingress}`);
}
if (wanted.length === 0 || wanted.includes('dashboard')) await runOnDashboard();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runOnDashboard(): Promise<void> {
  const env = { REDIS_URL: server.url, DATA_DIR: dir, DASHBOARD_PORT: '0', ADMIN_TOKEN: HOSTILE_ADMIN_TOKEN };
  await using dashboard = scriptChild('dashboard', 'dashboard/server/main.ts', env);
  dashboard.start();
  const url = await dashboard.hasPrinted(/listens on (http:\/\/localhost:\d+)/, 20_000);
  await runAll(dashboardRequests, url.replace('localhost', '127.0.0.1'), 'dashboard');
}

async function runAll(cases: readonly HostileCase[], url: string, where: string): Promise<void> {
  const target = new Target(url);
  for (const one of cases) {
    const before = await storedEntries(redis);
    const answer = await one.send(target).catch((error: Error) => `error: ${error.message}`);
    const stored = (await storedEntries(redis)) - before;
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    const isExpected = one.expected.includes(answer) && !FORBIDDEN.test(answer);
    const isHonest = (answer === 'stored') === stored > 0;
    const ok = isExpected && isReady && isHonest;
    if (ok) passed++;
    else failed++;
    const memory = `${Math.round((await residentBytes(url)) / 2 ** 20)} MB`;
    const row = [
      ok ? 'ok  ' : 'FAIL',
      where.padEnd(14),
      one.transport.padEnd(8),
      one.name.padEnd(56).slice(0, 56),
      answer.padEnd(22),
      isReady ? 'alive' : 'NOT READY',
      memory.padStart(7),
      ok ? '' : `expected ${one.expected.join(' or ')}; ${stored} entries stored; `,
      printable(one.sent),
    ];
    console.log(row.join(' '));
  }
}

async function storedEntries(connection: Redis): Promise<number> {
  const keys = Array.from({ length: PARTITIONS }, (_, partition) => streamKey(partition));
  const lengths = await Promise.all(keys.map((key) => connection.send(key, ['XLEN', key], parseInteger)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

async function residentBytes(url: string): Promise<number> {
  const metrics = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1] ?? 0);
}

function printable(sent: string): string {
  return JSON.stringify(sent.slice(0, 60)) + (sent.length > 60 ? '…' : '');
}
