import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { Variant } from '../runner/variant.ts';
import { seededContest } from './baseline-system.ts';
import { adopt, startChild } from './child.ts';
import { awaitFirstVote } from './first-vote.ts';
import { type Placement, pin } from './placement.ts';
import { ROOT } from './runtimes.ts';
import type { System } from './system.ts';

const START_MS = 10_000;
const PROGRAM = join(tmpdir(), `votewire-go-peer-${process.pid}`);

/** Builds the Go peer; a string says why it can't be had. */
export function buildGoPeer(): string | undefined {
  const built = spawnSync('go', ['build', '-o', PROGRAM, '.'], { cwd: `${ROOT}/bench/peers/go`, encoding: 'utf8' });
  if (built.error) return 'Go is not installed';
  return built.status === 0 ? undefined : `go build failed: ${built.stderr.slice(-400)}`;
}

export async function removeGoPeer(): Promise<void> {
  await rm(PROGRAM, { force: true });
}

/**
 * Starts the Go peer, which `buildGoPeer` built, with a Redis of its own. On one core like the edge: GOMAXPROCS=1.
 *
 * @throws {Error} where it does not start; says what it printed
 */
export async function startGoPeer(variant: Pick<Variant, 'transport'>, placement: Placement): Promise<System> {
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-bench-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir }));
  adopt(redis.process);
  pin(placement.redis, redis.process.pid ?? 0);
  const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const env = { REDIS_ADDR: `127.0.0.1:${redis.port}`, HTTP_ADDR: http, GRPC_ADDR: grpc, GOMAXPROCS: '1' };
  const startedAt = performance.now();
  const peer = started.use(await startChild({ command: [PROGRAM], env, core: placement.server }));
  const url = `http://${variant.transport === 'grpc' ? grpc : http}`;
  await awaitFirstVote({ url, transport: variant.transport }, peer, START_MS);
  const owned = started.move();
  return {
    httpUrl: url,
    grpcUrl: url,
    watch: [
      { name: 'server', pid: peer.pid },
      { name: 'redis', pid: redis.process.pid ?? 0 },
    ],
    coldStartMs: performance.now() - startedAt,
    acknowledgedBefore: 1,
    contest: async (id) => seededContest(id),
    audit: undefined,
    gauges: async () => ({ eventLoopDelayMs: null }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
