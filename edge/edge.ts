import { resultsHidden } from '../store/contests/contest.ts';
import type { ContestStore } from '../store/contests/contest-store.ts';
import { openDeployment } from '../store/deployment/deployment.ts';
import { openRedis } from '../store/redis/redis.ts';
import { retryUntilDone } from '../store/redis/start/retry.ts';
import { readCountedBy } from '../store/tally/counted-by.ts';
import { createResultsReader, type ResultsReader } from '../store/tally/read-results.ts';
import type { VotePlace } from '../store/tally/receipt-status.ts';
import type { VoteCodec } from '../wasm/codec.ts';
import { loadModule } from '../wasm/load-module.ts';
import { ReceiptMac } from '../wasm/mac/receipt-mac.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';
import { Admission } from './admission/admission.ts';
import { createCodecs } from './codecs.ts';
import type { EdgeConfig } from './config.ts';
import { RequestMeters } from './metrics/request-meters.ts';
import { lazyLog } from './receipts/lazy-log.ts';
import { createReceipts, type Receipts } from './receipts/receipt.ts';
import { createReceiptLookup, type ReceiptLookup } from './receipts/receipt-lookup.ts';
import { startHeartbeat } from './runtime/heartbeat.ts';
import type { EdgeTracing } from './tracing/edge-tracing.ts';
import { TracedEntryWriter } from './tracing/traced-entry-writer.ts';
import { TracedGroupCommit } from './tracing/traced-group-commit.ts';
import { createContestIndex } from './vote/contest-index.ts';
import { type CountWaiter, startCountWaiter } from './vote/count-waiter.ts';
import { EdgeCounters } from './vote/counters.ts';
import { freshResults } from './vote/fresh-results.ts';
import type { Ingress } from './vote/ingress.ts';
import { VoteIngress } from './vote/vote-ingress.ts';
import { openDurability } from './write/durability.ts';
import { EntryWriter } from './write/entry-writer.ts';
import { GroupCommit } from './write/group-commit.ts';
import { type RedisMonitor, startRedisMonitor } from './write/redis-monitor.ts';

/** An edge without its protocols: the dependencies of the HTTP app and the VoteService. */
export interface Edge extends AsyncDisposable {
  readonly config: EdgeConfig;
  readonly ingress: Ingress;
  /** One codec per protocol, because a codec is not re-entrant and CODEC may select different ones. */
  readonly codecs: { readonly http: VoteCodec; readonly grpc: VoteCodec };
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  readonly receipts: Receipts;
  readonly lookUp: ReceiptLookup;
  /** The consumer that counted the vote at a place, see `readCountedBy`. */
  readonly countedBy: (place: VotePlace) => Promise<string | undefined>;
  readonly counters: EdgeCounters;
  readonly storeTimes: StoreTimes;
  readonly groupCommit: GroupCommit;
  readonly countWaiter: CountWaiter;
  readonly redisMonitor: RedisMonitor;
  /** Shared by all transports, so that a quota spans them. */
  readonly admission: Admission;
  readonly meters: RequestMeters;
  /** Undefined: tracing is off. */
  readonly tracing: EdgeTracing | undefined;
  /** 32 bytes; keys for other purposes are derived from it. */
  readonly secret: Buffer;
  /** Whether votes are accepted now; reported by `/readyz` and `grpc.health.v1`. */
  ready(): boolean;
  /** Turns unready and answers clients that wait for their count. Votes are accepted until `drain`. */
  beginStop(): void;
  /** Stops accepting votes; resolves once every accepted vote has its outcome. */
  drain(): Promise<void>;
}

interface StoreTimes {
  /** Metrics hook, called per entry with the milliseconds from its first vote to Redis's confirmation. */
  observe: ((ms: number) => void) | undefined;
}

/** An edge gives up on a silent Redis sooner than other processes, because voters are waiting. */
const STALL_MS = 2000;

/**
 * Waits for Redis, retrying failed connections without limit, then assembles an edge.
 *
 * @throws {ConfigError} if a variable does not fit this deployment or this Redis
 */
export async function openEdge(config: EdgeConfig, tracing?: EdgeTracing): Promise<Edge> {
  await using opened = new AsyncDisposableStack();
  // Disposed last, so that spans of the shutdown are still exported.
  if (tracing !== undefined) opened.use(tracing);
  const redis = opened.use(
    openRedis({ cluster: 'detect', urls: config.store.redisUrls, name: 'votewire-edge', stallMs: STALL_MS }),
  );
  const deployment = opened.use(await openDeployment({ redis, config: config.store, name: `edge ${config.name}` }));
  const { partitions, secret, contests } = deployment;
  const writing = opened.use(redis.duplicate('votewire-edge-writer'));
  const durability = await retryUntilDone(writing, () => openDurability(writing, config.producer));

  const mac = loadModule('mac');
  const receipts = createReceipts(new ReceiptMac(mac, secret));
  deployment.onEpoch(receipts.setEpoch);
  const { maxBacklog } = config.producer;
  const redisMonitor = opened.use(
    await retryUntilDone(redis, () => startRedisMonitor({ redis, partitions, maxBacklog })),
  );
  const codecs = createCodecs(config);
  const index = createContestIndex(contests, [codecs.http, codecs.grpc], {
    partitions,
    now: redisMonitor.now,
    earliest: redisMonitor.earliest,
  });

  const storeTimes: StoreTimes = { observe: undefined };
  const writerOptions = {
    redis: writing,
    config: config.producer,
    durability,
    deployment,
    clock: redisMonitor,
  };
  const writer = tracing ? new TracedEntryWriter(writerOptions, tracing) : new EntryWriter(writerOptions);
  const commitOptions = {
    writer,
    partitions,
    edge: config.name,
    maxBufferBytes: config.producer.maxBufferBytes,
    backlogged: redisMonitor.backlogged,
    onStored: (ms: number) => storeTimes.observe?.(ms),
  };
  const groupCommit = opened.use(
    tracing ? new TracedGroupCommit(commitOptions, tracing) : new GroupCommit(commitOptions),
  );
  const { voteIdWindowHours } = config.store;
  const voters = new VoterKeys(mac, secret);
  const log = opened.use(lazyLog(config.store));
  const lookUp = createReceiptLookup({ redis, contests, log, voters, voteIdWindowHours });
  const countWaiter = opened.use(
    await retryUntilDone(redis, () =>
      startCountWaiter({
        redis,
        partitions,
        lookUp: async (place) => (await lookUp(place))?.status ?? 'queued',
        timeoutMs: config.waitTimeoutMs,
        maxWaiting: config.maxWaiting,
      }),
    ),
  );
  const counters = new EdgeCounters();
  const results = createResultsReader(redis, partitions, redisMonitor.now);
  // A separate reader, because it must not share reads that began earlier.
  const fresh = freshResults(createResultsReader(redis, partitions, redisMonitor.now));
  const ingress = new VoteIngress({
    contests: index,
    groupCommit,
    receipts,
    countWaiter,
    counters,
    now: redisMonitor.now,
    resultsOf: async (id) => {
      const contest = contests.get(id);
      if (contest === undefined || resultsHidden(contest, redisMonitor.now())) return undefined;
      return await fresh(contest);
    },
  });

  const details = () => ({
    waiting: countWaiter.waiting,
    bufferedBytes: groupCommit.bufferedBytes,
    pid: process.pid,
  });
  opened.use(startHeartbeat({ redis, name: config.name, counters, details }));

  let stopping = false;
  const resources = opened.move();
  return {
    config,
    ingress,
    codecs,
    contests,
    results,
    receipts,
    lookUp,
    countedBy: (place) => readCountedBy(redis, place),
    counters,
    storeTimes,
    groupCommit,
    countWaiter,
    redisMonitor,
    admission: new Admission(config),
    meters: new RequestMeters(),
    tracing,
    secret,
    ready: () => !stopping && deployment.ready && groupCommit.ready,
    beginStop() {
      stopping = true;
      countWaiter.stop();
    },
    async drain() {
      await groupCommit.stop();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
