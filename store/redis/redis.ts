import { setTimeout as delay } from 'node:timers/promises';
import { ClientOfflineError } from 'redis';
import { openRedisLink, type RedisArgument, type RedisLink, type Replies } from './redis-link.ts';

/**
 * A connection to Redis, or to Redis Cluster, that comes back by itself whatever happens.
 *
 * Commands are sent as they stand. While Redis is away they reject at once and are not kept for later: `neverSent` tells
 * such a rejection from one after which the command may have run. Commands of one `Redis` with the same key run in the
 * order of their calls, so WAIT after XADD covers that XADD.
 */
export interface Redis extends AsyncDisposable {
  readonly cluster: boolean;
  /** Whether commands can be sent now. */
  readonly ready: boolean;
  /** Resolves when commands can be sent; rejects when `signal` aborts first, or at disposal. */
  whenReady(signal?: AbortSignal): Promise<void>;
  /**
   * Sends a command; bulk strings of the reply are strings, maps are flat arrays.
   *
   * @param key what decides the server in a cluster; undefined: any
   */
  send<T = unknown>(key: string | undefined, args: RedisArgument[]): Promise<T>;
  /** The same with Buffers in the place of strings. */
  sendBytes<T = unknown>(key: string | undefined, args: RedisArgument[]): Promise<T>;
  /**
   * Calls `listener` for each message, also after the connection was lost and came back; messages meanwhile are lost.
   * Waits until Redis has it, however often the connection is lost meanwhile; rejects where Redis refuses.
   */
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  /** A further connection with the same settings: for blocking reads, which hold up everything behind them. */
  duplicate(name: string): Redis;
}

export interface RedisOptions {
  /** Several addresses mean Redis Cluster. */
  readonly urls: readonly string[];
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** How many commands may be in flight; one more is refused. Default 100,000. */
  readonly maxQueue?: number;
  /** Silence after which the connection is dropped and made anew; more than any BLOCK. Default 4,000. */
  readonly stallMs?: number;
  /** Told of each lost connection and failed attempt. Default: one line to stderr when the message changes. */
  readonly onError?: (error: Error) => void;
}

/** Connects in the background; see `whenReady`. */
export function openRedis(options: RedisOptions): Redis {
  return new RedisConnection(options);
}

/** True where a rejected command certainly did not reach Redis. */
export function neverSent(error: unknown): boolean {
  return error instanceof ClientOfflineError || (error instanceof Error && error.message === 'The queue is full');
}

class RedisConnection implements Redis {
  readonly cluster: boolean;
  readonly #options: Required<RedisOptions>;
  readonly #subscriptions = new Set<{ channels: string[]; listener: (message: string, channel: string) => void }>();
  readonly #stopped = new AbortController();
  #disposed = false;
  readonly #watchdog: NodeJS.Timeout;
  #link: RedisLink;
  /** When the pending sign of life was asked for, or the pending connection begun; 0: nothing is pending. */
  #askedAt = 0;
  #watchedAt = performance.now();
  /** Since when the link is down and makes a new connection by itself; 0: it is not. */
  #awayAt = 0;

  constructor(options: RedisOptions) {
    this.cluster = options.urls.length > 1;
    this.#options = { maxQueue: 100_000, stallMs: 4000, onError: reportChanges(options.name), ...options };
    this.#link = this.#connect();
    this.#watchdog = setInterval(() => this.#watch(), this.#watchMs);
  }

  get #watchMs(): number {
    return Math.min(1000, this.#options.stallMs / 4);
  }

  get ready(): boolean {
    return this.#link.ready && !this.#disposed;
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.#stopped.signal]) : this.#stopped.signal;
    while (!this.ready) await delay(10, undefined, { signal: stop });
  }

  send<T>(key: string | undefined, args: RedisArgument[]): Promise<T> {
    return this.#send(key, args, 'text') as Promise<T>;
  }

  sendBytes<T>(key: string | undefined, args: RedisArgument[]): Promise<T> {
    return this.#send(key, args, 'bytes') as Promise<T>;
  }

  async subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void> {
    const subscription = { channels, listener };
    this.#subscriptions.add(subscription);
    for (;;) {
      await this.whenReady();
      const link = this.#link;
      try {
        // A link made anew may have it from `#connect` already: the same listener is then not called twice.
        return await link.subscribe(channels, listener);
      } catch (error) {
        // A link that comes back by itself knows only of what succeeded on it.
        if (this.#link !== link || !link.ready) continue;
        this.#subscriptions.delete(subscription);
        throw error;
      }
    }
  }

  duplicate(name: string): Redis {
    return new RedisConnection({ ...this.#options, name });
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

  #send(key: string | undefined, args: RedisArgument[], replies: Replies): Promise<unknown> {
    return this.ready ? this.#link.send(key, args, replies) : Promise.reject(new ClientOfflineError());
  }

  #connect(): RedisLink {
    const { urls, name, maxQueue, onError } = this.#options;
    // Redis refuses a name with a space in it, and the whole connection with it.
    const link = openRedisLink({ urls, name: name.replaceAll(/[^\w.:-]/g, '-'), maxQueue, onError });
    this.#askedAt = performance.now();
    link
      .connect()
      .then(async () => {
        for (const { channels, listener } of this.#subscriptions) await link.subscribe(channels, listener);
        if (this.#link === link) this.#askedAt = 0;
      })
      .catch(async (error: Error) => {
        // A server link tries again by itself; a cluster link that found no node, or one that was dropped, comes here.
        if (this.#disposed || this.#link !== link) return;
        onError(error);
        await delay(250);
        if (!this.#disposed && this.#link === link) this.#replace();
      });
    return link;
  }

  /** A peer that vanished without a word keeps a TCP connection open for a quarter of an hour. */
  #watch(): void {
    const link = this.#link;
    const now = performance.now();
    const sinceLast = now - this.#watchedAt;
    this.#watchedAt = now;
    if (this.#askedAt > 0) {
      // Where this process itself slept, what Redis answered meanwhile was not read yet: that time does not count.
      if (sinceLast > 2 * this.#watchMs) this.#askedAt += sinceLast;
      if (now - this.#askedAt < this.#options.stallMs) return;
      this.#options.onError(new Error(`Redis was silent for ${this.#options.stallMs} ms: connecting anew`));
      this.#replace();
    } else if (!link.ready) {
      // It connects again by itself, unless a peer takes the connection and then says nothing.
      this.#awayAt ||= now;
      if (now - this.#awayAt >= this.#options.stallMs) this.#replace();
    } else {
      this.#awayAt = 0;
      this.#askedAt = performance.now();
      const answered = () => {
        if (this.#link === link) this.#askedAt = 0;
      };
      // An error is an answer too: the link knows, and connects again by itself.
      link.ping().then(answered, answered);
    }
  }

  #replace(): void {
    const old = this.#link;
    this.#awayAt = 0;
    this.#link = this.#connect();
    old.destroy();
  }
}

/** Each message at most once a minute: a Redis that is away for hours fills no disk. */
function reportChanges(name: string): (error: Error) => void {
  const reportedAt = new Map<string, number>();
  return (error) => {
    const text = error.message || (error as NodeJS.ErrnoException).code || error.name;
    if (performance.now() - (reportedAt.get(text) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    reportedAt.set(text, performance.now());
    console.error(`redis (${name}): ${text}`);
  };
}

function ignoreClosed(): void {
  // Closing what is closed already is what was asked for.
}
