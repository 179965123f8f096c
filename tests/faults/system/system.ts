import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openLogStore } from '../../../store/log/open-log-store.ts';
import { openRedis } from '../../../store/redis/redis.ts';
import { nullable, parseText } from '../../../store/redis/replies.ts';
import { clusterKey } from '../../../store/streams/keys.ts';
import { type MongoServer, startMongoServer } from '../../../supervisor/build/mongo-server.ts';
import {
  freePort,
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from '../../../supervisor/redis/redis-server.ts';
import { loadModule } from '../../../wasm/load-module.ts';
import { VoterKeys } from '../../../wasm/mac/voter-key.ts';
import { type Child, scriptChild } from '../../support/child.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { isReady } from './is-ready.ts';
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts';

const SECRET = 'a secret of the fault tests';
/** Authorizes changes of contests through the dashboard's API. */
export const ADMIN_TOKEN = 'admin-token-of-the-fault-tests';
export const PARTITIONS = 4;

export interface SystemOptions {
  /** Default 1. */
  readonly edges?: number;
  /** Default 2. */
  readonly consumers?: number;
  /** Default `sqlite`. */
  readonly log?: 'sqlite' | 'mongodb';
  /** `proxy`: processes reach the MongoDB-wire server through `mongoLink`. Default `direct`. */
  readonly mongoVia?: 'direct' | 'proxy';
  /** `cluster`: three masters with a replica each, and no proxies in between. Default `single`. */
  readonly redis?: 'single' | 'cluster';
  /** Arguments of the single redis-server. */
  readonly redisArgs?: readonly string[];
  /** Creates a command prefix for redis-server, given the folder of its files. */
  readonly redisVia?: (dir: string) => readonly string[];
  /** Default false. */
  readonly dashboard?: boolean;
  /** `made`: the first process creates it and stores it in Redis. Default `set`. */
  readonly secret?: 'set' | 'made';
  /** Additional variables of every process. */
  readonly env?: Record<string, string>;
  /** Additional variables of the consumers only. */
  readonly consumerEnv?: Record<string, string>;
  /** Additional variables of the first edge only. */
  readonly firstEdgeEnv?: Record<string, string>;
}

/** A process of the system with its own link to Redis, so that a fault can affect it alone. */
export interface Member {
  readonly process: Child;
  /** Undefined on a Redis Cluster. */
  readonly link: CuttingProxy | undefined;
}

/** A complete deployment of real processes on loopback: Redis, edges, consumers. */
export class System implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'votewire-faults-'));
  readonly edges: Member[] = [];
  readonly edgeUrls: string[] = [];
  readonly consumers: Member[] = [];
  redisUrls: readonly string[] = [];
  #redis: RedisServer | undefined;
  #redisOptions: RedisServerOptions = { dir: join(this.dir, 'redis') };
  #dashboard: Child | undefined;
  #shared: Record<string, string> = {};
  #isSecretMade = false;
  dashboardUrl = '';
  #cluster: RedisCluster | undefined;
  #mongo: MongoServer | undefined;
  #mongoLink: CuttingProxy | undefined;

  /** Kills the servers at exit: they are in separate process groups, so nothing else ends them with this process. */
  readonly #kill = () => {
    this.#redis?.process.kill('SIGKILL');
    this.#mongo?.process?.kill('SIGKILL');
  };

  /** Starts everything and waits until the edges accept votes. */
  static async start(options: SystemOptions = {}): Promise<System> {
    const system = new System();
    try {
      await system.#start(options);
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
    return system;
  }

  async #start(options: SystemOptions): Promise<void> {
    process.once('exit', this.#kill);
    const { dir } = this.#redisOptions;
    const via = options.redisVia === undefined ? {} : { via: options.redisVia(dir) };
    this.#redisOptions = { dir, args: options.redisArgs ?? [], ...via };
    if (options.redis === 'cluster') {
      this.#cluster = await startRedisCluster(dir);
      this.redisUrls = this.#cluster.urls;
    } else {
      this.#redis = await startRedisServer(this.#redisOptions);
      this.redisUrls = [this.#redis.url];
    }
    if (options.log === 'mongodb') this.#mongo = await this.#startMongo();
    if (this.#mongo !== undefined && options.mongoVia === 'proxy') {
      this.#mongoLink = await startCuttingProxy({ port: Number(new URL(this.#mongo.url).port) });
    }
    const mongoUrl = this.#mongoLink === undefined ? this.#mongo?.url : `mongodb://127.0.0.1:${this.#mongoLink.port}`;
    const shared = {
      ...(options.secret === 'made' ? {} : { SECRET }),
      PARTITIONS: `${PARTITIONS}`,
      DATA_DIR: this.dir,
      CLAIM_IDLE_MS: '1000',
      ...(mongoUrl === undefined ? {} : { MONGODB_URL: `${mongoUrl}/votewire` }),
      ...options.env,
    };
    this.#shared = shared;
    this.#isSecretMade = options.secret === 'made';
    for (let n = 1; n <= (options.edges ?? 1); n++) {
      const port = await freePort();
      const own = { PORT: `${port}`, EDGE_NAME: `edge-${n}`, ...(n === 1 ? options.firstEdgeEnv : {}) };
      this.edges.push(await this.#member(`edge-${n}`, 'edge/main.ts', { ...shared, ...own }));
      this.edgeUrls.push(`http://127.0.0.1:${port}`);
    }
    for (let n = 1; n <= (options.consumers ?? 2); n++) {
      const own = { ...shared, ...options.consumerEnv };
      this.consumers.push(await this.#member(`consumer-${n}`, 'consumer/main.ts', own));
    }
    for (const member of [...this.edges, ...this.consumers]) member.process.start();
    if (options.dashboard === true) await this.#startDashboard();
    await this.ready();
  }

  async #startDashboard(): Promise<void> {
    const port = await freePort();
    const env = { ...this.env, ADMIN_TOKEN, DASHBOARD_PORT: `${port}` };
    this.#dashboard = scriptChild('dashboard', 'dashboard/server/main.ts', env);
    this.dashboardUrl = `http://127.0.0.1:${port}`;
    this.#dashboard.start();
    await this.#dashboard.until('it answers', () => isReady(this.dashboardUrl));
  }

  /** Waits until every edge that runs accepts votes. */
  async ready(): Promise<void> {
    for (const [n, { process }] of this.edges.entries()) {
      if (process.running) await process.until('it accepts votes', () => isReady(this.edgeUrls[n]));
    }
  }

  async #member(name: string, script: string, env: Record<string, string>): Promise<Member> {
    const link = this.#redis === undefined ? undefined : await startCuttingProxy(this.#redis);
    const redisUrl = link === undefined ? this.redisUrls.join(',') : `redis://127.0.0.1:${link.port}`;
    return { process: scriptChild(name, script, { ...env, REDIS_URL: redisUrl }), link };
  }

  get redis(): RedisServer {
    if (this.#redis === undefined) throw new Error('a system on a Redis Cluster has no redis-server of its own');
    return this.#redis;
  }

  get cluster(): RedisCluster {
    if (this.#cluster === undefined) throw new Error('this system has no Redis Cluster');
    return this.#cluster;
  }

  get mongo(): MongoServer {
    if (this.#mongo === undefined) throw new Error('this system has no MongoDB-wire server');
    return this.#mongo;
  }

  get mongoLink(): CuttingProxy {
    if (this.#mongoLink === undefined) throw new Error('this system has no proxy to a MongoDB-wire server');
    return this.#mongoLink;
  }

  /** Kills Redis and restarts it on the same port with the same files, after `damage` has changed them. */
  async crashRedis(downMs: number, damage: (dir: string) => void = () => undefined): Promise<void> {
    const { port, process } = this.redis;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
    damage(this.#redisOptions.dir);
    await delay(downMs);
    this.#redis = await startRedisServer({ ...this.#redisOptions, port });
  }

  /** Kills the MongoDB-wire server and starts it again on the same port with the same files. */
  async crashMongo(downMs: number): Promise<void> {
    const { process, url } = this.mongo;
    if (process === undefined) throw new Error('this system does not run its own MongoDB-wire server');
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
    await delay(downMs);
    this.#mongo = await this.#startMongo(Number(new URL(url).port));
  }

  async #startMongo(port?: number): Promise<MongoServer> {
    const dir = join(this.dir, 'mongo');
    const attempt = await startMongoServer({ own: true, dir, ...(port === undefined ? {} : { port }) });
    if (attempt.server === undefined) throw new Error(attempt.reason);
    return attempt.server;
  }

  /** Computes voter keys as hex from the secret of this deployment. */
  async voterKeys(): Promise<(voter: string) => string> {
    await using redis = openRedis({ urls: this.redisUrls, name: 'checker' });
    await redis.whenReady();
    const kept = await redis.send(clusterKey, ['HGET', clusterKey, 'secret'], nullable(parseText));
    const keys = new VoterKeys(loadModule('mac'), Buffer.from(this.#isSecretMade ? (kept ?? '') : SECRET));
    return (voter) => Buffer.from(keys.keyOf(Buffer.from(voter))).toString('hex');
  }

  /** Environment variables of every process of the system. */
  get env(): Readonly<Record<string, string>> {
    return { ...this.#shared, REDIS_URL: this.redisUrls.join(',') };
  }

  /** Opens the log for reading, besides the consumers. */
  openLog() {
    return openLogStore({
      mongodbUrl: this.#mongo === undefined ? undefined : `${this.#mongo.url}/votewire`,
      dataDir: this.dir,
      logTtlDays: 0,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process, link } of [...this.edges, ...this.consumers]) {
      await process[Symbol.asyncDispose]();
      await link?.[Symbol.asyncDispose]();
    }
    await this.#dashboard?.[Symbol.asyncDispose]();
    await this.#mongoLink?.[Symbol.asyncDispose]();
    await this.#mongo?.[Symbol.asyncDispose]();
    await this.#cluster?.[Symbol.asyncDispose]();
    await this.#redis?.[Symbol.asyncDispose]();
    process.off('exit', this.#kill);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
