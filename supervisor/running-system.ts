import { seed } from '../cli/seed/cast-seed-votes.ts';
import { redactPasswords } from '../config/redact-passwords.ts';
import { openContestStore } from '../store/contests/contests.ts';
import { openSettings } from '../store/deployment/settings.ts';
import { openRedis, type Redis } from '../store/redis/redis.ts';
import { retryUntilDone } from '../store/redis/retry.ts';
import { clusterKey } from '../store/streams/keys.ts';
import { createResultsReader } from '../store/tally/read-results.ts';
import type { StartConfig } from './config.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './redis/embedded-redis.ts';
import { freePort } from './redis/redis-server.ts';
import { createStatusSource, type StatusSource } from './screen/status.ts';
import { answersOk, readAcceptedVotes } from './service/answers.ts';
import { Service } from './service/service.ts';

/** Everything that `npm start` runs. */
export interface RunningSystem {
  readonly parts: readonly Service[];
  readonly redisUrls: readonly string[];
  readonly edgeUrl: string;
  readonly status: StatusSource;
  /** Casts the seed votes, unless this Redis has had them. Resolves with a sentence, or undefined where there was nothing to do. */
  seedOnce(): Promise<string | undefined>;
  /** Stops the edge, the consumers, the dashboard and Redis, in this order, within 5 s. */
  stop(): Promise<void>;
  /** Ends all of it at once. What was acknowledged is kept: Redis has written it. */
  kill(): void;
}

export interface RunningSystemHooks {
  /** A line that a part, or the supervisor itself, says. */
  readonly onLine: (part: string, line: string) => void;
  readonly onActivity: (activity: string) => void;
  /** Aborted: whoever asked for the start wants it to end; what runs by then is stopped, and the start rejects. */
  readonly signal?: AbortSignal;
}

/** What each may take to stop; together less than 5 s. What is late is ended: its work is in Redis and goes on there. */
const STOP_MS = { edge: 2200, consumer: 1200, dashboard: 700 };
const REDIS_ANSWER_MS = 4000;

/**
 * Starts Redis where REDIS_URL names none, then all parts, and waits until each is ready.
 *
 * @throws {ConfigError} where a variable does not fit this deployment
 * @throws {Error} where a part can't start, with what it said; whatever runs by then was stopped
 */
export async function startSystem(config: StartConfig, hooks: RunningSystemHooks): Promise<RunningSystem> {
  await using opened = new AsyncDisposableStack();
  hooks.onActivity('starting Redis');
  const ownRedis = config.ownRedis ? opened.use(await openEmbeddedRedis(config, hooks)) : undefined;
  const redisUrls = ownRedis === undefined ? config.store.redisUrls : [ownRedis.url];
  const redis = opened.use(openRedis({ urls: redisUrls, name: 'votewire-start' }));
  await waitForRedis(redis, redisUrls);
  const { signal } = hooks;
  const { partitions } = await retryUntilDone(redis, () => openSettings(redis, config.store), signal);
  const contests = opened.use(await retryUntilDone(redis, () => openContestStore({ redis, partitions }), signal));

  hooks.signal?.throwIfAborted();
  hooks.onActivity('starting the parts');
  const edgeUrl = localUrl(config.edge);
  const parts = await makeParts({ ...config, env: { ...config.env, REDIS_URL: redisUrls.join(',') } }, hooks);
  const stopParts = () => stopInOrder(parts);
  opened.defer(stopParts);
  // The ports were looked for meanwhile, and a signal tells only of what comes after it was asked.
  signal?.throwIfAborted();
  signal?.addEventListener('abort', () => void stopParts(), { once: true });
  const outcomes = await Promise.all(parts.map(async (part) => ({ part, outcome: await part.start() })));
  for (const { part, outcome } of outcomes) {
    if (!outcome.ok) throw new Error(`${part.name} could not start:\n${outcome.reason}`);
  }
  hooks.onActivity('');

  const status = createStatusSource({
    redis,
    partitions,
    contests,
    results: createResultsReader(redis, partitions),
    readAccepted: () => readAcceptedVotes(edgeUrl),
  });
  const resources = opened.move();
  return {
    parts,
    redisUrls,
    edgeUrl,
    status,
    seedOnce: () => seedOnce(redis, edgeUrl, hooks),
    stop: () => resources.disposeAsync(),
    kill() {
      for (const part of parts) part.kill();
      ownRedis?.kill();
    },
  };
}

function openEmbeddedRedis(config: StartConfig, hooks: RunningSystemHooks): Promise<EmbeddedRedis> {
  const onLine = (line: string) => hooks.onLine('redis', line);
  const { signal } = hooks;
  return startEmbeddedRedis({
    dataDir: config.store.dataDir,
    preferredPort: config.redisPort,
    onLine,
    ...(signal && { signal }),
  });
}

async function waitForRedis(redis: Redis, urls: readonly string[]): Promise<void> {
  try {
    await redis.whenReady(AbortSignal.timeout(REDIS_ANSWER_MS));
  } catch {
    // The reason is in what the connection reported; what helps here is the variable and the remedy.
    const shown = redactPasswords(urls.join(','));
    throw new Error(
      `REDIS_URL=${shown} does not answer. Start that Redis, or unset REDIS_URL for one that npm start runs itself.`,
    );
  }
}

async function makeParts(config: StartConfig, hooks: RunningSystemHooks): Promise<Service[]> {
  const part = (name: string, script: string, env: Record<string, string>, url: string) =>
    new Service({
      name,
      script: [script],
      env: { ...config.env, ...env },
      ready: () => answersOk(`${url}/readyz`),
      onLine: (line) => hooks.onLine(name, line),
      onChange: (state) => {
        if (state.name === 'waiting') hooks.onLine(name, `ended unasked; starting it again. It said: ${state.reason}`);
      },
    });
  const consumers: Service[] = [];
  for (let n = 1; n <= config.consumers; n++) {
    const port = await freePort();
    consumers.push(
      part(`consumer-${n}`, 'consumer/main.ts', { CONSUMER_PORT: `${port}` }, localUrl({ host: '', port })),
    );
  }
  return [
    // Left alone, V8 takes 130 MB for new objects on a large machine; 2 MB a half cost no more CPU.
    part('edge', 'edge/runtime/node.ts', { NODE_OPTIONS: EDGE_NODE_OPTIONS }, localUrl(config.edge)),
    ...consumers,
    part('dashboard', 'dashboard/server/main.ts', {}, localUrl(config.dashboard)),
  ];
}

const EDGE_NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=2`.trim();

/** Where this machine reaches what listens there. */
function localUrl({ host, port }: { host: string; port: number }): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

async function stopInOrder(parts: readonly Service[]): Promise<void> {
  const named = (prefix: string) => parts.filter(({ name }) => name.startsWith(prefix));
  for (const [prefix, timeoutMs] of Object.entries(STOP_MS)) {
    await Promise.all(named(prefix).map((part) => part.stop(timeoutMs)));
  }
}

/** The mark stands in Redis, beside the votes: it goes when they go. */
async function seedOnce(redis: Redis, edgeUrl: string, hooks: RunningSystemHooks): Promise<string | undefined> {
  if ((await redis.send(clusterKey, ['HGET', clusterKey, 'seeded'])) !== null) return undefined;
  hooks.onActivity('casting the seed votes over both paths');
  try {
    const { http, grpc } = await seed({ edgeUrl, grpcUrl: edgeUrl }, hooks.signal);
    await redis.send(clusterKey, ['HSET', clusterKey, 'seeded', new Date().toISOString()]);
    return `seeded ${http + grpc} votes: ${http} over HTTP, ${grpc} over gRPC`;
  } finally {
    hooks.onActivity('');
  }
}
