import { resultsHidden } from '../store/contests/contest.ts';
import { type ContestStore, openContestStore } from '../store/contests/contests.ts';
import { openRedis } from '../store/redis/redis.ts';
import { retryUntilDone } from '../store/redis/retry.ts';
import { ensurePartition, openClusterSettings } from '../store/streams/cluster-settings.ts';
import { createResultsReader, type ResultsReader } from '../store/tally/read-results.ts';
import type { VoteCodec } from '../wasm/codec.ts';
import { loadModule } from '../wasm/load-module.ts';
import { ReceiptMac } from '../wasm/mac/receipt-mac.ts';
import { VoterKeys } from '../wasm/mac/voter-key.ts';
import { createCodecs } from './codecs.ts';
import type { EdgeConfig } from './config.ts';
import { startEdgeReport } from './heartbeat.ts';
import { lazyLog } from './receipts/lazy-log.ts';
import { createReceipts, type Receipts } from './receipts/receipt.ts';
import { createReceiptLookup, type ReceiptLookup } from './receipts/receipt-lookup.ts';
import { followContests } from './vote/contest-index.ts';
import { type CountWaiter, startCountWaiter } from './vote/count-waiter.ts';
import { EdgeCounters } from './vote/counters.ts';
import { freshResults } from './vote/fresh-results.ts';
import type { Ingress } from './vote/ingress.ts';
import { createRateLimiter, type RateLimiter } from './vote/rate-limiter.ts';
import { createVoteIngress } from './vote/vote-ingress.ts';
import { openDurability } from './write/durability.ts';
import { createEntryWriter } from './write/entry-writer.ts';
import { createGroupCommit } from './write/group-commit.ts';
import type { Producer } from './write/producer.ts';
import { type RedisMonitor, startRedisMonitor } from './write/redis-monitor.ts';

/** One edge without its protocols: what the HTTP app and the VoteService work with. */
export interface Edge extends AsyncDisposable {
  readonly config: EdgeConfig;
  readonly ingress: Ingress;
  /** One a path: a codec is not re-entrant, and the bench wants to tell them apart. */
  readonly codecs: { readonly http: VoteCodec; readonly grpc: VoteCodec };
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  readonly receipts: Receipts;
  readonly lookUp: ReceiptLookup;
  readonly counters: EdgeCounters;
  readonly storeTimes: StoreTimes;
  readonly producer: Producer;
  readonly watch: CountWaiter;
  readonly pulse: RedisMonitor;
  /** One for all paths; undefined where no limit is set. */
  readonly limiter: RateLimiter | undefined;
  /** 32 bytes: keys for other purposes are derived from it. */
  readonly secret: Buffer;
  /** Whether votes can be taken in now: `/readyz` and `grpc.health.v1`. */
  ready(): boolean;
  /** Turns unready. What is in flight goes on. */
  beginStop(): void;
  /** Answers who waits for a count, takes nothing more in, and resolves when all that was taken in has its outcome. */
  drain(): Promise<void>;
}

/** Whoever measures sets `observe`: told of each entry how many milliseconds its first vote waited to be stored. */
export interface StoreTimes {
  observe: ((ms: number) => void) | undefined;
}

/** An edge's own links to Redis give up on a silent server sooner than others do: voters wait. */
const STALL_MS = 2000;

/**
 * Waits for Redis, however often it goes meanwhile, then assembles an edge.
 *
 * @throws {ConfigError} where a variable does not fit this deployment or this Redis
 */
export async function openEdge(config: EdgeConfig): Promise<Edge> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ urls: config.store.redisUrls, name: 'votewire-edge', stallMs: STALL_MS }));
  const { partitions, secret } = await retryUntilDone(redis, () => openClusterSettings(redis, config.store));
  const writing = opened.use(redis.duplicate('votewire-edge-writer'));
  const durability = await retryUntilDone(writing, () => openDurability(writing, config.producer));

  const mac = loadModule('mac');
  const receipts = createReceipts(new ReceiptMac(mac, secret));
  const onEpoch = receipts.setEpoch;
  for (let partition = 0; partition < partitions; partition++) {
    onEpoch(partition, await retryUntilDone(redis, () => ensurePartition(redis, partition)));
  }
  const { maxBacklog } = config.producer;
  const pulse = opened.use(
    await retryUntilDone(redis, () => startRedisMonitor({ redis, partitions, maxBacklog, onEpoch })),
  );
  const contests = opened.use(await retryUntilDone(redis, () => openContestStore({ redis, partitions })));
  const codecs = createCodecs(config);
  const board = followContests(contests, [codecs.http, codecs.grpc], { partitions, now: pulse.now });

  const storeTimes: StoreTimes = { observe: undefined };
  const writer = createEntryWriter({ redis: writing, config: config.producer, durability, onEpoch });
  const producer = opened.use(
    createGroupCommit({
      writer,
      partitions,
      edge: config.name,
      maxBufferBytes: config.producer.maxBufferBytes,
      backlogged: pulse.backlogged,
      onStored: (ms) => storeTimes.observe?.(ms),
    }),
  );
  const { voteIdWindowHours } = config.store;
  const voters = new VoterKeys(mac, secret);
  const log = opened.use(lazyLog(config.store));
  const lookUp = createReceiptLookup({ redis, contests, log, voters, voteIdWindowHours });
  const watch = opened.use(
    await retryUntilDone(redis, () =>
      startCountWaiter({
        redis,
        partitions,
        lookUp: async (place) => (await lookUp(place)) ?? 'queued',
        timeoutMs: config.waitTimeoutMs,
        maxWaiting: config.maxWaiting,
      }),
    ),
  );
  const counters = new EdgeCounters();
  const results = createResultsReader(redis, partitions, pulse.now);
  // A reader of its own: nobody else's read that began earlier is shared.
  const fresh = freshResults(createResultsReader(redis, partitions, pulse.now));
  const ingress = createVoteIngress({
    board,
    producer,
    receipts,
    watch,
    counters,
    resultsOf: async (id) => {
      const contest = contests.get(id);
      if (contest === undefined || resultsHidden(contest, pulse.now())) return undefined;
      return await fresh(contest);
    },
  });

  const details = () => ({ waiting: watch.waiting, bufferedBytes: producer.bufferedBytes, pid: process.pid });
  opened.use(startEdgeReport({ redis, name: config.name, counters, details }));

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
    counters,
    storeTimes,
    producer,
    watch,
    pulse,
    limiter: createRateLimiter({ ...config.rateLimit, trustProxy: config.trustProxy }),
    secret,
    ready: () => !stopping && redis.ready && producer.ready,
    beginStop() {
      stopping = true;
    },
    async drain() {
      stopping = true;
      watch.stop();
      await producer.stop();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
