import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { Cell } from '../cells/cell.ts';
import type { Transport } from '../load/job.ts';
import { StreamAudit } from './audit/stream-audit.ts';
import { awaitFirstVote } from './first-vote.ts';
import { adopt, startChild } from './process/child.ts';
import { type Placement, pin } from './process/placement.ts';
import { ROOT, runtimeCommand } from './process/runtimes.ts';
import type { StoredVotes, System } from './system.ts';

export const PARTITIONS = 4;
/** If no further vote is counted for this time, the run is invalid. */
const STALLED_MS = 12_000;
const START_MS = 20_000;

export interface EdgeSystemOptions {
  readonly runtime: Cell['runtime'];
  readonly codec: Cell['codec'];
  /** Transport of the first vote. */
  readonly transport: Transport;
  /** Whether votes go through Hono and Connect's router. Default: `direct`. */
  readonly ingress?: 'direct' | 'framework';
  readonly placement: Placement;
  /** The checkout that edge and consumer run from. Default: this one. */
  readonly root?: string;
  /** The script of the edge. Default: `edge/main.ts`. */
  readonly main?: string;
  /** Additional variables of the edge. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The settings of every edge in the bench besides its ports and codec; part of the report. */
export const EDGE_ENV = { PARTITIONS: `${PARTITIONS}`, HOST: '127.0.0.1', EDGE_NAME: 'bench' } as const;
export const REDIS_SETTINGS = 'appendonly yes, appendfsync everysec, save ""';

export interface EdgeSystem extends System {
  readonly storage: StoredVotes;
  readonly redisUrl: string;
  readonly dataDir: string;
}

/**
 * Starts the whole system on new processes and an empty Redis: edge, consumer, redis-server.
 *
 * @throws {Error} if one of them does not start, with its last output
 */
export async function startEdgeSystem(options: EdgeSystemOptions): Promise<EdgeSystem> {
  const { placement, root = ROOT } = options;
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-bench-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir: join(dir, 'redis') }));
  // A clean shutdown would write data that is about to be deleted.
  started.defer(() => {
    redis.process.kill('SIGKILL');
  });
  adopt(redis.process);
  pin(placement.redis, redis.process.pid ?? 0);
  const port = await freePort();
  const shared = { ...EDGE_ENV, REDIS_URL: redis.url, DATA_DIR: dir, MONGODB_URL: '' };

  const consumer = started.use(
    await startChild({
      command: [process.execPath, `${root}/consumer/main.ts`],
      // Nothing is trimmed within a day, because the audit reads the streams. No log: it would still be writing on the
      // shared core while the next cell is measured; bench:scale measures it.
      env: { ...shared, TRIM_KEEP_MS: '86400000', CONSUMER_PORT: '0', CONSUMER_GROUPS: 'tally' },
      core: placement.consumer,
    }),
  );
  const command = runtimeCommand(options.runtime, options.main ?? 'edge/main.ts', root);
  const env = {
    ...shared,
    PORT: `${port}`,
    CODEC: options.codec,
    INGRESS: options.ingress ?? 'direct',
    ...options.env,
  };
  const startedAt = performance.now();
  const edge = started.use(await startChild({ command, env, core: placement.server }));
  const url = `http://127.0.0.1:${port}`;
  const probe = { url, transport: options.transport };
  const acknowledgedBefore = await awaitFirstVote(probe, edge, START_MS);
  const coldStartMs = performance.now() - startedAt;
  const audit = started.use(await StreamAudit.connect(redis.url, PARTITIONS));

  const owned = started.move();
  return {
    redisUrl: redis.url,
    dataDir: dir,
    url,
    watch: [
      { name: 'server', pid: edge.pid },
      { name: 'redis', pid: redis.process.pid ?? 0 },
      { name: 'consumer', pid: consumer.pid },
    ],
    coldStartMs,
    acknowledgedBefore,
    storage: {
      counted: (votes) => audit.counted(votes, STALLED_MS),
      audit: () => audit.settle(STALLED_MS),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
