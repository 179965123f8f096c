import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { scriptChild } from '../tests/support/child.ts';
import { waitFor } from '../tests/support/wait-for.ts';

/** For a machine that imports the Redis client in 0.1 s of CPU time; scaled up on a slower one. */
const LIMIT_SECONDS = 0.5;
const LIMIT_TO_IMPORT = 5;
/** Clock ticks of /proc/<pid>/stat; 100 per second on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;
const STARTS = 5;

const isLinux = process.platform === 'linux';

test.runIf(isLinux)(`a cold start costs at most ${LIMIT_SECONDS} CPU-s until the first vote is accepted`, async () => {
  await using cleanUp = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-cold-'));
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = cleanUp.use(await startRedisServer({ dir, port: await freePort() }));
  const start = async () => {
    const port = await freePort();
    // The image has a warm compile cache (supervisor/build/warm-modules.ts).
    const env = { REDIS_URL: redis.url, DATA_DIR: dir, PORT: `${port}`, NODE_COMPILE_CACHE: join(dir, 'cache') };
    await using edge = scriptChild('edge', 'edge/main.ts', env);
    edge.start();
    await waitFor(() => isVoteAccepted(port), { timeoutMs: 30_000, what: 'a vote is accepted' });
    const seconds = cpuSeconds(edge.pid ?? 0);
    await edge.stop('SIGTERM');
    return seconds;
  };
  const importRedis = () => {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(dir, 'cache') };
    const script = `await import('redis'); console.log(process.cpuUsage().user + process.cpuUsage().system)`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    return Number(stdout) / 1_000_000;
  };
  await start();
  importRedis();
  const measured: number[] = [];
  const imports: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    imports.push(importRedis());
    measured.push(await start());
  }
  // The minimum, because other processes on a busy machine only add time.
  const limit = Math.max(LIMIT_SECONDS, LIMIT_TO_IMPORT * Math.min(...imports));
  expect(Math.min(...measured), `${measured}; imports ${imports}`).toBeLessThanOrEqual(limit);
});

async function isVoteAccepted(port: number): Promise<boolean> {
  const body = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' });
  const headers = { 'content-type': 'application/json' };
  const answer = fetch(`http://127.0.0.1:${port}/v1/votes`, { method: 'POST', headers, body });
  return (await answer.catch(() => undefined))?.status === 202;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Starts after the process name, which may contain spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
