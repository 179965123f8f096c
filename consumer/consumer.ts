import { openDeployment } from '../store/deployment/deployment.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { openRedis } from '../store/redis/redis.ts';
import { loadModule } from '../wasm/load-module.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';
import type { ConsumerConfig } from './config.ts';
import { Housekeeping } from './housekeeping.ts';
import { BatchDecoder } from './workers/batch-decoder.ts';
import type { GroupHandler } from './workers/group-handler.ts';
import { GroupWorker } from './workers/group-worker.ts';
import { LogWorker } from './workers/log-worker.ts';
import { TallyWorker } from './workers/tally-worker.ts';

/** A consumer that runs: one worker for each group that it serves. */
export interface Consumer extends AsyncDisposable {
  /** Whether Redis answers its reads. */
  readonly ready: boolean;
  readonly totals: Readonly<ConsumerTotals>;
}

/** What this process did since its start. */
export interface ConsumerTotals {
  counted: number;
  logged: number;
  dead: number;
  lost: number;
  conflicts: number;
}

/** A read blocks for a second at most. */
const READY_MS = 3000;

/**
 * Starts a consumer; waits for Redis until `signal` aborts.
 *
 * @throws {ConfigError} where PARTITIONS or SECRET is not what the deployment began with
 */
export async function startConsumer(
  config: ConsumerConfig,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<Consumer> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ urls: config.redisUrls, name: config.name }));
  const deployment = opened.use(
    await openDeployment({ redis, config, name: `consumer ${config.name}`, ...(signal && { signal }) }),
  );
  const { partitions, secret, contests } = deployment;

  const totals: ConsumerTotals = { counted: 0, logged: 0, dead: 0, lost: 0, conflicts: 0 };
  const voterKeys = new VoterKeys(loadModule('mac'), secret);
  const onDead = (reason: string) => {
    totals.dead++;
    log(`dead letter: ${reason}`);
  };
  const handlers: GroupHandler[] = [];
  if (config.groups.includes('log')) {
    const onLogged = (votes: number) => {
      totals.logged += votes;
    };
    const onConflict = (message: string) => {
      totals.conflicts++;
      log(`ALARM: ${message}`);
    };
    const store = opened.use(await openLogStore(config));
    const decoder = new BatchDecoder(voterKeys, { withAttributes: true });
    handlers.push(new LogWorker({ redis, log: store, decoder, onLogged, onDead, onConflict }));
  }
  if (config.groups.includes('tally')) {
    const { voteIdWindowHours, maxDeliveries } = config;
    const onCounted = (votes: number) => {
      totals.counted += votes;
    };
    const decoder = new BatchDecoder(voterKeys, { withAttributes: false });
    handlers.push(new TallyWorker({ redis, contests, decoder, voteIdWindowHours, maxDeliveries, onCounted, onDead }));
  }

  const workers: GroupWorker[] = [];
  opened.use(
    new Housekeeping({
      redis,
      partitions,
      consumer: config.name,
      trimKeepMs: config.trimKeepMs,
      details: () => ({ ...totals, groups: config.groups.join(','), pid: process.pid }),
      onFault: log,
    }),
  );
  for (const handler of handlers) {
    const worker = new GroupWorker({
      redis,
      partitions,
      consumer: config.name,
      claimIdleMs: config.claimIdleMs,
      maxDeliveries: config.maxDeliveries,
      handler,
      deployment,
      onDead,
      onAlarm: ({ kind, message, entries }) => {
        totals.lost += entries;
        log(kind === 'lost' ? `ALARM: ${message}` : message);
      },
    });
    workers.push(worker);
    worker.start();
  }
  const everything = opened.move();
  return {
    totals,
    get ready() {
      return redis.ready && workers.every(({ silentMs }) => silentMs < READY_MS);
    },
    async [Symbol.asyncDispose]() {
      // All workers stop at once; the stack would stop them one after the other.
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await everything.disposeAsync();
    },
  };
}
