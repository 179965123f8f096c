import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { printHelp } from '../../tools/print-help.ts';
import { waitFor } from '../support/wait-for.ts';
import { PROXY_KINDS } from './proxy-kinds.ts';
import { watchQuietly } from './watch-quietly.ts';

printHelp(`npm run test:proxies [-- <options>]

Watches a quiet contest through nginx, HAProxy and Envoy, and prints a row for each watch.

--minutes N   (3)

Exit codes: 0 no watch was cut, 1 otherwise.`);

/**
 * `npm run test:proxies`: watches a contest without votes through every proxy at once for three minutes. Prints a row
 * for each watch; exits with 1 if a watch was cut off or a health check failed.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '3' } } });
const ms = Number(values.minutes) * 60_000;

await using resources = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'votewire-proxies-'));
resources.defer(() => rm(dir, { recursive: true, force: true }));
const redis = resources.use(await startRedisServer({ dir, port: await freePort() }));
const edge = resources.use(await startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: dir }));
let failed = 0;
await Promise.all(
  PROXY_KINDS.map(async (kind) => {
    if (kind.missing !== false) return console.log(`skip ${kind.name}: ${kind.missing}`);
    const own = join(dir, kind.name);
    await mkdir(own);
    const proxy = resources.use(await kind.start(own, new URL(edge.httpUrl).host));
    const isUp = async () => Object.values(await proxy.health()).every(Boolean);
    await waitFor(isUp, { what: `${kind.name} finds the edge` });
    const watches = await watchQuietly(proxy, ms);
    for (const [name, { gapsMs, broken }] of Object.entries(watches)) {
      const seconds = (Math.max(...gapsMs) / 1000).toFixed(1);
      const text = `${gapsMs.length - 1} messages, longest silence ${seconds} s, times out after ${kind.silenceMs / 1000} s`;
      print(broken === undefined, `${kind.name} ${name}`, broken ?? text);
    }
    print(await isUp(), `${kind.name} health`, JSON.stringify(await proxy.health()));
  }),
);
process.exitCode = failed === 0 ? 0 : 1;

function print(isOk: boolean, name: string, text: string): void {
  if (!isOk) failed++;
  console.log(`${isOk ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${text}`);
}
