import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSettings } from '../../../store/deployment/settings.ts';
import type { LogStore } from '../../../store/log/log-store.ts';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { openRedis, type Redis } from '../../../store/redis/redis.ts';
import { tallyKey } from '../../../store/streams/keys.ts';
import { type RedisServer, startRedisServer } from '../../../supervisor/redis/redis-server.ts';
import { readDashboardConfig } from '../config.ts';
import { type DashboardServer, startDashboardServer } from '../dashboard-server.ts';

/** Atomic, like the tally, so that a viewer never sees half of a change. */
const COUNT = `
redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[1], ':voters', ARGV[2])
redis.call('HINCRBY', KEYS[1], ':version', 1)`;

export const ADMIN_TOKEN = 'a-token-for-the-tests';

/** A dashboard on real stores, and helpers to fill them. */
export interface DashboardFixture extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly server: DashboardServer;
  readonly redisServer: RedisServer;
  readonly redis: Redis;
  readonly log: LogStore;
  readonly secret: Buffer;
  readonly dir: string;
  /** Adds to an option's count, as the tally does. */
  count(contest: string, option: string, votes: number): Promise<void>;
  /** A second dashboard on the same stores. */
  startAnother(): Promise<DashboardServer>;
  /** Sends a request with the admin token. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** @param env additional variables, such as MONGODB_URL */
export async function startDashboardFixture(env: Record<string, string> = {}): Promise<DashboardFixture> {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-dashboard-'));
  opening.defer(() => rm(dir, { recursive: true, force: true }));
  const redisServer = opening.use(await startRedisServer({ dir: join(dir, 'redis') }));
  const config = readDashboardConfig({
    REDIS_URL: redisServer.url,
    DATA_DIR: dir,
    DASHBOARD_PORT: '0',
    DASHBOARD_HOST: '127.0.0.1',
    ADMIN_TOKEN,
    TICK_MS: '50',
    BENCH_RESULTS: join(dir, 'bench'),
    ...env,
  });
  const redis = opening.use(openRedis({ urls: config.store.redisUrls, name: 'test', onError: () => undefined }));
  await redis.whenReady();
  const { secret } = await openSettings(redis, config.store);
  const log = opening.use(await openLogStore(config.store));
  const benchCommand = ['-e', 'console.log("measured"); setTimeout(() => {}, 300)'] as const;
  const pagesFolder = join(dir, 'pages');
  const start = () => startDashboardServer({ config, pagesFolder, benchCommand, benchEnv: process.env });
  const server = opening.use(await start());
  const url = `http://127.0.0.1:${server.port}`;
  const stack = opening.move();
  return {
    url,
    port: server.port,
    server,
    redisServer,
    redis,
    log,
    secret,
    dir,
    async count(contest, option, votes) {
      const key = tallyKey(0, contest);
      await redis.send(key, ['EVAL', COUNT, '1', key, option, `${votes}`]);
    },
    startAnother: start,
    admin: (method, path, body, headers) =>
      fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The events received so far on one stream. */
export interface EventReader extends Disposable {
  readonly response: IncomingMessage;
  /** Everything received so far. */
  readonly text: string;
  /** The data of all events with this name, oldest first. */
  events<T>(name: string): T[];
  readonly lastId: string | undefined;
}

/** Opens an event stream. */
export async function readEvents(address: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const request = get(address, { headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  // The server may end the stream, or the test may close it.
  response.on('error', () => undefined);
  const blocks = () => text.split('\n\n').slice(0, -1);
  return {
    response,
    get text() {
      return text;
    },
    events: <T>(name: string) =>
      blocks()
        .filter((block) => block.split('\n').includes(`event: ${name}`))
        .map((block) => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') as T),
    get lastId() {
      return [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1];
    },
    [Symbol.dispose]() {
      request.destroy();
    },
  };
}
