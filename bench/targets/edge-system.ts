import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import type { Transport } from '../load/job.ts';
import type { Runtime } from '../runner/variant.ts';
import { readContest, readGauges } from './audit/public-api.ts';
import { StreamAudit } from './audit/stream-audit.ts';
import { adopt, startChild } from './child.ts';
import { awaitFirstVote } from './first-vote.ts';
import { type Placement, pin } from './placement.ts';
import { ROOT, runtimeCommand } from './runtimes.ts';
import type { System } from './system.ts';

export const PARTITIONS = 4;
/** As long as no further vote is decided for this time, none will be: then the run is invalid. */
const STALLED_MS = 12_000;
const START_MS = 20_000;

export interface EdgeSystemOptions {
  readonly runtime: Runtime;
  readonly codec: 'wasm' | 'typescript';
  /** What the first vote is sent over. */
  readonly transport: Transport;
  readonly placement: Placement;
}

/** What every edge of the bench is told besides its ports and codec. Written into the report. */
export const EDGE_ENV = { PARTITIONS: `${PARTITIONS}`, HOST: '127.0.0.1', EDGE_NAME: 'bench' } as const;
export const REDIS_SETTINGS = 'appendonly yes, appendfsync everysec, save ""';

/** A system of one's own: others may join its Redis. */
export interface EdgeSystem extends System {
  readonly redisUrl: string;
  readonly dataDir: string;
}

/**
 * Starts the whole system on fresh processes and an empty Redis: edge, consumer, redis-server.
 *
 * @throws {Error} where a part does not start; says what it printed
 */
export async function startEdgeSystem(options: EdgeSystemOptions): Promise<EdgeSystem> {
  const { placement } = options;
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-bench-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir: join(dir, 'redis') }));
  // Its own stop would write out what is thrown away.
  started.defer(() => {
    redis.process.kill('SIGKILL');
  });
  adopt(redis.process);
  pin(placement.redis, redis.process.pid ?? 0);
  const port = await freePort();
  const shared = { ...EDGE_ENV, REDIS_URL: redis.url, DATA_DIR: dir, MONGODB_URL: '' };

  const consumer = started.use(
    await startChild({
      command: [process.execPath, `${ROOT}/consumer/main.ts`],
      // Nothing is trimmed within a day: the run is checked against the streams themselves.
      env: { ...shared, TRIM_KEEP_MS: '86400000', CONSUMER_PORT: '0' },
      core: placement.consumer,
    }),
  );
  const command = runtimeCommand(options.runtime, `edge/runtime/${options.runtime}.ts`);
  if (command === undefined) throw new Error(`${options.runtime} is not installed here`);
  const env = { ...shared, PORT: `${port}`, CODEC: options.codec };
  const startedAt = performance.now();
  const edge = started.use(await startChild({ command, env, core: placement.server }));
  const httpUrl = `http://127.0.0.1:${port}`;
  const probe = { url: httpUrl, transport: options.transport };
  const acknowledgedBefore = await awaitFirstVote(probe, edge, START_MS);
  const coldStartMs = performance.now() - startedAt;
  const audit = started.use(await StreamAudit.connect(redis.url, PARTITIONS));

  const owned = started.move();
  return {
    redisUrl: redis.url,
    dataDir: dir,
    httpUrl,
    grpcUrl: httpUrl,
    watch: [
      { name: 'server', pid: edge.pid },
      { name: 'redis', pid: redis.process.pid ?? 0 },
      { name: 'consumer', pid: consumer.pid },
    ],
    coldStartMs,
    acknowledgedBefore,
    contest: (id) => readContest(httpUrl, id),
    audit: () => audit.settle(STALLED_MS),
    logged: (votes) => audit.logged(votes, STALLED_MS),
    gauges: () => readGauges(httpUrl),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
