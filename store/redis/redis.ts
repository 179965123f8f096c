import { setTimeout as delay } from 'node:timers/promises';
import { ClientOfflineError } from 'redis';
import { createReportThrottle } from '../../log/report-throttle.ts';
import { storeLog } from '../store-log.ts';
import { openRedisLink, type RedisArgument, type RedisLink, type ReplyStrings } from './redis-link.ts';
import type { ReplyParser } from './replies.ts';

/**
 * A connection to Redis or Redis Cluster that reconnects automatically.
 *
 * While Redis is unreachable, commands reject at once and are not queued: `neverSent` distinguishes such a rejection
 * from one after which the command may have run. Commands of one `Redis` with the same key run in the order of their
 * calls, so WAIT after XADD covers that XADD.
 */
export interface Redis extends AsyncDisposable {
  readonly cluster: boolean;
  /** True while commands can be sent. */
  readonly ready: boolean;
  /** Number of connections established so far. After a change, the server may be another one or have lost data. */
  readonly connections: number;
  /** Resolves when commands can be sent; rejects when `signal` aborts first, or at disposal. */
  whenReady(signal?: AbortSignal): Promise<void>;
  /**
   * Sends a command. Bulk strings in the reply are strings; maps are flat arrays.
   *
   * @param key selects the server in a cluster; undefined: any server
   * @param parse checks the reply and returns it with its type
   */
  send(key: string | undefined, args: RedisArgument[]): Promise<unknown>;
  send<T>(key: string | undefined, args: RedisArgument[], parse: ReplyParser<T>): Promise<T>;
  /** Like `send`, but bulk strings in the reply are Buffers. */
  sendBytes(key: string | undefined, args: RedisArgument[]): Promise<unknown>;
  sendBytes<T>(key: string | undefined, args: RedisArgument[], parse: ReplyParser<T>): Promise<T>;
  /**
   * Calls `listener` for each message, also after a reconnect; messages published while disconnected are lost. Resolves
   * once Redis has confirmed the subscription, even after reconnects; rejects if Redis rejects it.
   */
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  /** Opens another connection with the same settings, for blocking reads, which delay all commands after them. */
  duplicate(name: string): Redis;
}

export interface RedisOptions {
  /** Several addresses mean Redis Cluster. */
  readonly urls: readonly string[];
  /**
   * `detect`: asks a single address whether it is a cluster node, as with managed services. Default: several addresses
   * are a cluster, one is a server.
   */
  readonly cluster?: boolean | 'detect';
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** Maximum number of commands in flight; one more is rejected. Default 100,000. */
  readonly maxQueue?: number;
  /** Milliseconds of silence after which the connection is replaced; must exceed any BLOCK. Default 4,000. */
  readonly stallMs?: number;
  /** Called for each lost connection and failed attempt. Default: logs each message at most once a minute. */
  readonly onError?: (error: Error) => void;
}

/** Connects in the background; see `whenReady`. */
export function openRedis(options: RedisOptions): Redis {
  return new RedisConnection(options);
}

/** True if a rejected command certainly did not reach Redis. */
export function neverSent(error: unknown): boolean {
  return error instanceof ClientOfflineError || (error instanceof Error && error.message === 'The queue is full');
}

class RedisConnection implements Redis {
  /** Undefined until a single address has been asked. */
  #isCluster: boolean | undefined;
  readonly #options: Required<Omit<RedisOptions, 'cluster'>>;
  readonly #subscriptions = new Set<{ channels: string[]; listener: (message: string, channel: string) => void }>();
  readonly #stopped = new AbortController();
  #disposed = false;
  readonly #watchdog: NodeJS.Timeout;
  #link: RedisLink;
  /** Connections of earlier links. */
  #earlierConnections = 0;
  /** Time at which the pending ping was sent or the pending connection attempt began; 0: none is pending. */
  #askedAt = 0;
  #watchedAt = performance.now();
  /** Time since which the link has been down and reconnecting; 0: it is up. */
  #awayAt = 0;

  constructor(options: RedisOptions) {
    const { urls, cluster = false } = options;
    this.#isCluster = urls.length > 1 || (cluster === 'detect' ? undefined : cluster);
    this.#options = { maxQueue: 100_000, stallMs: 4000, onError: reportChanges(options.name), ...options };
    this.#link = this.#connect();
    this.#watchdog = setInterval(() => this.#watch(), this.#watchMs);
  }

  get #watchMs(): number {
    return Math.min(1000, this.#options.stallMs / 4);
  }

  get cluster(): boolean {
    return this.#isCluster === true;
  }

  get ready(): boolean {
    return this.#link.ready && !this.#disposed && this.#isCluster !== undefined;
  }

  get connections(): number {
    return this.#earlierConnections + this.#link.connections;
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.#stopped.signal]) : this.#stopped.signal;
    while (!this.ready) await delay(10, undefined, { signal: stop });
  }

  send<T>(key: string | undefined, args: RedisArgument[], parse: ReplyParser<T> = parseNothing): Promise<T> {
    return this.#send(key, args, 'text').then(parse);
  }

  sendBytes<T>(key: string | undefined, args: RedisArgument[], parse: ReplyParser<T> = parseNothing): Promise<T> {
    return this.#send(key, args, 'bytes').then(parse);
  }

  async subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void> {
    const subscription = { channels, listener };
    this.#subscriptions.add(subscription);
    for (;;) {
      await this.whenReady();
      const link = this.#link;
      try {
        // `#connect` may have subscribed the new link already; the client deduplicates listeners.
        return await link.subscribe(channels, listener);
      } catch (error) {
        // A reconnecting link restores only subscriptions that succeeded on it before.
        if (this.#link !== link || !link.ready) continue;
        this.#subscriptions.delete(subscription);
        throw error;
      }
    }
  }

  duplicate(name: string): Redis {
    return new RedisConnection({
      ...this.#options,
      name,
      ...(this.#isCluster !== undefined && { cluster: this.#isCluster }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    clearInterval(this.#watchdog);
    const link = this.#link;
    const wasReady = link.ready;
    this.#stopped.abort(new Error('The connection to Redis was closed'));
    if (wasReady) await Promise.race([link.close().catch(ignoreClosed), delay(1000, undefined, { ref: false })]);
    link.destroy();
  }

  #send(key: string | undefined, args: RedisArgument[], strings: ReplyStrings): Promise<unknown> {
    return this.ready ? this.#link.send(key, args, strings) : Promise.reject(new ClientOfflineError());
  }

  #connect(): RedisLink {
    const { urls, name, maxQueue, onError } = this.#options;
    // Redis rejects client names with spaces, and the client then closes the connection.
    const link = openRedisLink({
      urls,
      cluster: this.#isCluster === true,
      name: name.replaceAll(/[^\w.:-]/g, '-'),
      maxQueue,
      onError,
    });
    this.#askedAt = performance.now();
    link
      .connect()
      .then(async () => {
        if (this.#isCluster === undefined) this.#isCluster = await isClusterNode(link);
        if (this.#isCluster && !link.cluster && this.#link === link) return this.#replace();
        for (const { channels, listener } of this.#subscriptions) await link.subscribe(channels, listener);
        if (this.#link === link) this.#askedAt = 0;
      })
      .catch(async (error: Error) => {
        // A server link retries automatically; this handles a cluster link that found no node, and a dropped link.
        if (this.#disposed || this.#link !== link) return;
        onError(error);
        await delay(250);
        if (!this.#disposed && this.#link === link) this.#replace();
      });
    return link;
  }

  /** Without a watchdog, the TCP connection to a vanished peer stays open for 15 minutes. */
  #watch(): void {
    const link = this.#link;
    const now = performance.now();
    const sinceLast = now - this.#watchedAt;
    this.#watchedAt = now;
    if (this.#askedAt > 0) {
      // If this process was suspended, replies may still be unread, so that time does not count.
      if (sinceLast > 2 * this.#watchMs) this.#askedAt += sinceLast;
      if (now - this.#askedAt < this.#options.stallMs) return;
      this.#options.onError(new Error(`Redis did not answer for ${this.#options.stallMs} ms; reconnecting`));
      this.#replace();
    } else if (!link.ready) {
      // The link reconnects automatically, unless the peer accepts the connection and then stays silent.
      this.#awayAt ||= now;
      if (now - this.#awayAt >= this.#options.stallMs) this.#replace();
    } else {
      this.#awayAt = 0;
      this.#askedAt = performance.now();
      const answered = () => {
        if (this.#link === link) this.#askedAt = 0;
      };
      // An error is an answer as well: the link handles it and reconnects.
      link.ping().then(answered, answered);
    }
  }

  #replace(): void {
    const old = this.#link;
    this.#awayAt = 0;
    this.#earlierConnections += old.connections;
    this.#link = this.#connect();
    old.destroy();
  }
}

/** Logs each message at most once a minute, so that an outage of hours does not fill the disk. */
function reportChanges(name: string): (error: Error) => void {
  const isDue = createReportThrottle();
  return (error) => {
    const text = error.message || (error as NodeJS.ErrnoException).code || error.name;
    if (isDue(text)) storeLog.warn({ connection: name }, `Redis: ${text}`);
  };
}

async function isClusterNode(link: RedisLink): Promise<boolean> {
  try {
    const info = await link.send(undefined, ['INFO', 'cluster'], 'text');
    return String(info).includes('cluster_enabled:1');
  } catch (error) {
    // A user without INFO cannot detect a cluster; with several addresses it does not need to.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return false;
    throw error;
  }
}

function ignoreClosed(): void {
  // The link is already closed.
}

function parseNothing<T>(reply: unknown): T {
  // Callers without a parser get `unknown`; see the overloads.
  return reply as T;
}
