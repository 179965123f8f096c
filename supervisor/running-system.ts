import { seed } from '../cli/seed/cast-seed-votes.ts';
import { keepDeploymentSecret } from '../config/secrets/deployment-secret.ts';
import { redactPasswords } from '../config/secrets/redact-passwords.ts';
import { formatLogLine } from '../log/format-log-line.ts';
import { createReportThrottle } from '../log/report-throttle.ts';
import { openContestStore } from '../store/contests/open-contest-store.ts';
import { openSettings } from '../store/deployment/settings.ts';
import { openRedis, type Redis } from '../store/redis/redis.ts';
import { retryUntilDone } from '../store/redis/start/retry.ts';
import { clusterKey } from '../store/streams/keys.ts';
import { createResultsReader } from '../store/tally/read-results.ts';
import type { StartConfig } from './config.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './redis/embedded-redis.ts';
import { freePort } from './redis/redis-server.ts';
import { createStatusSource, type StatusSource } from './screen/status.ts';
import { answersOk, readAcceptedVotes } from './service/answers.ts';
import { Service } from './service/service.ts';

/** The running processes of `npm start`. */
export interface RunningSystem {
  readonly services: readonly Service[];
  readonly redisUrls: readonly string[];
  readonly edgeUrl: string;
  readonly status: StatusSource;
  /**
   * Casts the sample votes unless this Redis already has them. Resolves to a message, or undefined if nothing was done.
   */
  seedOnce(): Promise<string | undefined>;
  /** Stops the edge, the consumers, the dashboard and Redis, in this order, within 5 s. */
  stop(): Promise<void>;
  /** Kills every process at once. Acknowledged votes survive, because Redis has written them. */
  kill(): void;
}

interface RunningSystemHooks {
  /** A line printed by a service or by the supervisor. */
  readonly onLine: (service: string, line: string) => void;
  readonly onActivity: (activity: string) => void;
  /** If aborted during the start, services already running are stopped and the start rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Time that each service may take to stop, less than 5 s in total. A late one is killed: its pending work is in Redis.
 */
const STOP_MS = { edge: 2200, consumer: 1200, dashboard: 700 };
const REDIS_ANSWER_MS = 4000;

/**
 * Starts Redis if REDIS_URL is unset, then all services, and waits until each is ready.
 *
 * @throws {ConfigError} if a variable does not fit this deployment
 * @throws {Error} if a service cannot start, with its output; services already running were stopped
 */
export async function startSystem(config: StartConfig, hooks: RunningSystemHooks): Promise<RunningSystem> {
  await using opened = new AsyncDisposableStack();
  hooks.onActivity('starting Redis');
  const embeddedRedis = config.embeddedRedis ? opened.use(await openEmbeddedRedis(config, hooks)) : undefined;
  const redisUrls = embeddedRedis === undefined ? config.store.redisUrls : [embeddedRedis.url];
  const redis = opened.use(openRedis({ urls: redisUrls, name: 'votewire-start', onError: reportTo(hooks) }));
  await waitForRedis(redis, redisUrls);
  const { signal } = hooks;
  const { partitions, secret } = await retryUntilDone(redis, () => openSettings(redis, config.store), signal);
  // With this copy outside Redis, voters are recognized even after a loss of Redis.
  if (config.store.secret === undefined) keepDeploymentSecret(config.store.dataDir, secret.toString());
  const contests = opened.use(await retryUntilDone(redis, () => openContestStore({ redis, partitions }), signal));

  hooks.signal?.throwIfAborted();
  hooks.onActivity('starting the services');
  const edgeUrl = localUrl(config.edge);
  const services = await createServices({ ...config, env: { ...config.env, REDIS_URL: redisUrls.join(',') } }, hooks);
  const stopServices = () => stopInOrder(services);
  opened.defer(stopServices);
  // The signal may have aborted while the ports were chosen; a listener is called for later aborts only.
  signal?.throwIfAborted();
  signal?.addEventListener('abort', () => void stopServices(), { once: true });
  const outcomes = await Promise.all(services.map(async (service) => ({ service, outcome: await service.start() })));
  for (const { service, outcome } of outcomes) {
    if (!outcome.ok) throw new Error(`${service.name} could not start:\n${formatLines(outcome.reason)}`);
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
    services,
    redisUrls,
    edgeUrl,
    status,
    seedOnce: () => seedOnce(redis, edgeUrl, hooks),
    stop: () => resources.disposeAsync(),
    kill() {
      for (const service of services) service.kill();
      embeddedRedis?.kill();
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

/** The last lines of a service as text: its log lines are JSON. */
function formatLines(lines: string): string {
  return lines
    .split('\n')
    .map((line) => formatLogLine(line, { prefix: false }))
    .join('\n');
}

function reportTo(hooks: RunningSystemHooks): (error: Error) => void {
  const isDue = createReportThrottle();
  return ({ message }) => {
    if (isDue(message)) hooks.onLine('npm start', `Redis: ${message}`);
  };
}

async function waitForRedis(redis: Redis, urls: readonly string[]): Promise<void> {
  try {
    await redis.whenReady(AbortSignal.timeout(REDIS_ANSWER_MS));
  } catch {
    // The connection has reported the cause; this error adds the variable and the remedy.
    const shown = redactPasswords(urls.join(','));
    throw new Error(
      `REDIS_URL=${shown} does not answer. Start that Redis, or unset REDIS_URL so that npm start runs its own.`,
    );
  }
}

async function createServices(config: StartConfig, hooks: RunningSystemHooks): Promise<Service[]> {
  const service = (name: string, script: string, env: Record<string, string>, url: string) =>
    new Service({
      name,
      script: [script],
      env: { ...config.env, ...env },
      ready: () => answersOk(`${url}/readyz`),
      onLine: (line) => hooks.onLine(name, line),
      onChange: (state) => {
        if (state.name !== 'waiting') return;
        hooks.onLine(name, `exited unexpectedly; restarting. Last output: ${formatLines(state.reason)}`);
      },
    });
  const consumers: Service[] = [];
  for (let n = 1; n <= config.consumers; n++) {
    const port = await freePort();
    consumers.push(
      service(`consumer-${n}`, 'consumer/main.ts', { CONSUMER_PORT: `${port}` }, localUrl({ host: '', port })),
    );
  }
  return [
    service('edge', 'edge/main.ts', MEMORY_OPTIONS, localUrl(config.edge)),
    ...consumers,
    service('dashboard', 'dashboard/server/main.ts', MEMORY_OPTIONS, localUrl(config.dashboard)),
  ];
}

/**
 * By default V8 uses up to 130 MB for new objects on a large machine. Semi-spaces of 16 MB save an edge at most 3 % of the
 * CPU per vote compared with 4 MB, and a single malloc arena costs no CPU: 144 instead of 174 MB after 5 million gRPC votes.
 * A dashboard that is flooded with requests for pages of the log grows by 49 instead of 85 MB.
 */
const MEMORY_OPTIONS = {
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=4`.trim(),
  MALLOC_ARENA_MAX: '1',
};

/** The URL of a listener for processes on this machine. */
function localUrl({ host, port }: { host: string; port: number }): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

async function stopInOrder(services: readonly Service[]): Promise<void> {
  const named = (prefix: string) => services.filter(({ name }) => name.startsWith(prefix));
  for (const [prefix, timeoutMs] of Object.entries(STOP_MS)) {
    await Promise.all(named(prefix).map((service) => service.stop(timeoutMs)));
  }
}

/** The mark that the votes were cast is in Redis with them, so it is lost together with them. */
async function seedOnce(redis: Redis, edgeUrl: string, hooks: RunningSystemHooks): Promise<string | undefined> {
  if ((await redis.send(clusterKey, ['HGET', clusterKey, 'seeded'])) !== null) return undefined;
  hooks.onActivity('casting the sample votes over HTTP and gRPC');
  try {
    const { http, grpc } = await seed(edgeUrl, hooks.signal);
    await redis.send(clusterKey, ['HSET', clusterKey, 'seeded', new Date().toISOString()]);
    return `seeded ${http + grpc} votes: ${http} over HTTP, ${grpc} over gRPC`;
  } finally {
    hooks.onActivity('');
  }
}
