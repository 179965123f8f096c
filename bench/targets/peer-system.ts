import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { Cell, Runtime } from '../cells/cell.ts';
import { awaitFirstVote } from './first-vote.ts';
import { adopt, startChild } from './process/child.ts';
import { type Placement, pin } from './process/placement.ts';
import { ROOT } from './process/runtimes.ts';
import type { System } from './system.ts';

const START_MS = 20_000;
const OUTPUT = join(tmpdir(), `votewire-peers-${process.getuid?.() ?? 0}`);

/** How each peer is built, and the resulting program. The build output is kept for incremental builds. */
const PEERS = {
  go: { command: ['go', 'build', '-o', join(OUTPUT, 'go-peer'), '.'], program: join(OUTPUT, 'go-peer') },
  rust: {
    command: ['cargo', 'build', '--release', '--quiet', '--target-dir', join(OUTPUT, 'rust')],
    program: join(OUTPUT, 'rust', 'release', 'votewire-peer'),
  },
} as const;

export type PeerLanguage = keyof typeof PEERS;

export function isPeerLanguage(runtime: Runtime): runtime is PeerLanguage {
  return runtime in PEERS;
}

/** Builds a peer of bench/peers; returns the reason if that fails. */
export function buildPeer(language: PeerLanguage): string | undefined {
  const [program, ...args] = PEERS[language].command;
  const built = spawnSync(program, args, { cwd: `${ROOT}/bench/peers/${language}`, encoding: 'utf8' });
  if (built.error) return `${program} is not installed`;
  return built.status === 0 ? undefined : `${program} build failed: ${built.stderr.slice(-400)}`;
}

/**
 * Starts a peer that `buildPeer` built, with its own Redis. It gets one core, like the edge.
 *
 * @throws {Error} if it does not start, with its last output
 */
export async function startPeerSystem(
  { transport, runtime }: Pick<Cell, 'transport' | 'runtime'>,
  placement: Placement,
): Promise<System> {
  if (!isPeerLanguage(runtime)) throw new Error(`there is no peer for ${runtime}`);
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-bench-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir }));
  adopt(redis.process);
  pin(placement.redis, redis.process.pid ?? 0);
  const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const env = { REDIS_ADDR: `127.0.0.1:${redis.port}`, HTTP_ADDR: http, GRPC_ADDR: grpc, GOMAXPROCS: '1' };
  const startedAt = performance.now();
  const peer = started.use(await startChild({ command: [PEERS[runtime].program], env, core: placement.server }));
  const url = `http://${transport === 'grpc' ? grpc : http}`;
  await awaitFirstVote({ url, transport }, peer, START_MS);
  const owned = started.move();
  return {
    url,
    watch: [
      { name: 'server', pid: peer.pid },
      { name: 'redis', pid: redis.process.pid ?? 0 },
    ],
    coldStartMs: performance.now() - startedAt,
    acknowledgedBefore: 1,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
