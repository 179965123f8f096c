import type { Logger } from '../log/logger.ts';
import { openDeployment } from '../store/deployment/deployment.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { openRedis } from '../store/redis/redis.ts';
import { openTracing } from '../telemetry/open-tracing.ts';
import { loadModule } from '../wasm/load-module.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';
import type { ConsumerConfig } from './config.ts';
import type { EntryFailure, GroupHandler } from './group/group-handler.ts';
import { GroupWorker } from './group/group-worker.ts';
import { BatchDecoder } from './handlers/batch-decoder.ts';
import { LogHandler } from './handlers/log-handler.ts';
import { TallyHandler } from './handlers/tally-handler.ts';
import { Housekeeping } from './housekeeping.ts';
import { TracedHandler } from './tracing/traced-handler.ts';

/** A running consumer: one worker for each group that it serves. */
export interface Consumer extends AsyncDisposable {
  /** True while Redis answers its reads. */
  readonly ready: boolean;
  readonly totals: Readonly<ConsumerTotals>;
}

/** Totals of this process since its start. */
interface ConsumerTotals {
  /** Votes handled by the tally. */
  counted: number;
  /** Votes written to the log. */
  logged: number;
  /** Entries that became dead letters. */
  dead: number;
  /** Pending entries that were missing from their stream. */
  lost: number;
  /** Entries that were already in the log with other content. */
  conflicts: number;
}

/** A blocking read returns within a second, so three seconds without a reply mean that Redis is unavailable. */
const READY_MS = 3000;

/**
 * Starts a consumer; waits for Redis until `signal` aborts.
 *
 * @param startTracing called if `config.tracing` is set
 * @throws {ConfigError} if PARTITIONS or SECRET differs from the deployment's first start
 */
export async function startConsumer(
  config: ConsumerConfig,
  log: Logger,
  signal?: AbortSignal,
  startTracing = openTracing,
): Promise<Consumer> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ cluster: 'detect', urls: config.redisUrls, name: config.name }));
  const deployment = opened.use(
    await openDeployment({ redis, config, name: `consumer ${config.name}`, ...(signal && { signal }) }),
  );
  const { partitions, secret, contests } = deployment;

  const totals: ConsumerTotals = { counted: 0, logged: 0, dead: 0, lost: 0, conflicts: 0 };
  const voterKeys = new VoterKeys(loadModule('mac'), secret);
  const tracing = config.tracing && opened.use(await startTracing(config.tracing, log));
  const traced: TracedHandler[] = [];
  const onFailed = (failure: EntryFailure) => {
    const { partition, group, id, votes, reason, dead } = failure;
    const traceIds = traced.find((handler) => handler.group === group)?.failed(failure) ?? [];
    if (!dead) return;
    totals.dead++;
    log.error({ partition, group, id, votes, reason, ...(traceIds.length > 0 && { traceIds }) }, 'Dead letter');
  };
  const handlers: GroupHandler[] = [];
  if (config.groups.includes('log')) {
    const onLogged = (votes: number) => {
      totals.logged += votes;
    };
    const onConflict = (message: string) => {
      totals.conflicts++;
      log.error(message);
    };
    const store = opened.use(await openLogStore(config));
    const decoder = new BatchDecoder(voterKeys, { withAttributes: true });
    handlers.push(new LogHandler({ redis, log: store, decoder, onLogged, onFailed, onConflict }));
  }
  if (config.groups.includes('tally')) {
    const { voteIdWindowHours, maxDeliveries } = config;
    const onCounted = (votes: number) => {
      totals.counted += votes;
    };
    const decoder = new BatchDecoder(voterKeys, { withAttributes: false });
    handlers.push(
      new TallyHandler({
        redis,
        consumer: config.name,
        contests,
        decoder,
        voteIdWindowHours,
        maxDeliveries,
        onCounted,
        onFailed,
      }),
    );
  }

  opened.use(
    new Housekeeping({
      redis,
      partitions,
      consumer: config.name,
      trimKeepMs: config.trimKeepMs,
      details: () => ({ ...totals, groups: config.groups.join(','), pid: process.pid }),
      log,
    }),
  );
  if (tracing !== undefined) traced.push(...handlers.map((handler) => new TracedHandler(handler, tracing)));
  const workers = (tracing === undefined ? handlers : traced).map(
    (handler) =>
      new GroupWorker({
        redis,
        partitions,
        consumer: config.name,
        claimIdleMs: config.claimIdleMs,
        maxDeliveries: config.maxDeliveries,
        handler,
        deployment,
        log,
        onFailed,
        onLost: (entries) => {
          totals.lost += entries;
        },
      }),
  );
  for (const worker of workers) worker.start();
  const everything = opened.move();
  return {
    totals,
    get ready() {
      return redis.ready && workers.every(({ silentMs }) => silentMs < READY_MS);
    },
    async [Symbol.asyncDispose]() {
      // Stops all workers at once; the disposable stack would stop them one after the other.
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await everything.disposeAsync();
    },
  };
}
