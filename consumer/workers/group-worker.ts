import { setTimeout as delay } from 'node:timers/promises';
import { neverSent, type Redis } from '../../store/redis/redis.ts';
import { nullable, parseArray } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { Claim } from './claim.ts';
import type { GroupWorkerOptions } from './group-handler.ts';
import { type Delivery, parseEntries } from './stream-entry.ts';

/** About how much one read brings, over all partitions: some 20,000 votes. It is all in memory at once, decoded. */
const READ_BYTES = 1 << 20;
const MAX_ENTRIES_PER_STREAM = 64;
/** What an entry is expected to hold before the first was read: few, in case they are large. */
const FIRST_ENTRY_BYTES = 32 << 10;
/** The same fault is reported at most this often. */
const FAULT_REPORT_MS = 60_000;
/** Longer blocks hold up a graceful stop, and hide a connection that fell silent. */
const BLOCK_MS = 1000;

/**
 * Hands the entries of one group to its handler: what is new, as it comes, and what another consumer left unfinished.
 * No partition belongs to anybody: whoever is free takes what waits.
 */
export class GroupWorker implements AsyncDisposable {
  readonly #options: GroupWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #readers: Redis[] = [];
  #running: Promise<unknown> = Promise.resolve();
  /** When each fault was reported last, by its message. */
  readonly #reportedAt = new Map<string, number>();
  #entryBytes = FIRST_ENTRY_BYTES;
  /** When entries were last asked for with success, or began to be, by performance.now(). */
  #readAt = performance.now();
  /** Readers that ask for entries now. Others handle what they got, which takes as long as the log is away. */
  #asking = 0;

  constructor(options: GroupWorkerOptions) {
    this.#options = options;
  }

  /** For how many milliseconds Redis has owed the answer to a read; 0 where nothing is asked. */
  get silentMs(): number {
    return this.#asking === 0 ? 0 : performance.now() - this.#readAt;
  }

  start(): void {
    const { redis, partitions } = this.#options;
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    // A blocking read holds up its connection, and in a cluster it can't name streams of different slots.
    const shares = redis.cluster ? all.map((partition) => [partition]) : [all];
    const takeover = new Claim(this.#options, (deliveries) => this.#handle(deliveries));
    const readers = shares.map((share) => this.#readShare(share, takeover));
    this.#running = Promise.all([...readers, this.#takeOver(all, takeover)]);
  }

  /** Finishes what is being handled; what can't be finished is left pending for others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#readers.map((reader) => reader[Symbol.asyncDispose]()));
  }

  async #readShare(partitions: readonly number[], takeover: Claim): Promise<void> {
    const { redis, consumer, handler } = this.#options;
    const reader = redis.duplicate(`${consumer}-${handler.group}-reader`);
    this.#readers.push(reader);
    // A consumer that starts under the name of one that died finds what that one left.
    await this.#repeat(async () => {
      const left = await this.#ask(() => this.#read(reader, partitions, { from: '0' }));
      for (const delivery of left) await takeover.handleAgain(delivery);
    });
    let handling: Promise<void> = Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const count = this.#entriesAtOnce(partitions.length);
      const read = () => this.#read(reader, partitions, { from: '>', count });
      const deliveries = (await this.#ask(() => this.#repeat(read))) ?? [];
      // The next read is under way while these are handled, and no further one.
      await handling;
      handling = this.#handle(deliveries);
      const backlog = deliveries.some(({ entries }) => entries.length >= count);
      if (deliveries.length > 0 && !backlog) await this.#sleep(handler.readEveryMs);
    }
    await handling;
  }

  async #ask<T>(read: () => Promise<T>): Promise<T> {
    if (this.#asking++ === 0) this.#readAt = performance.now();
    try {
      return await read();
    } finally {
      this.#asking--;
    }
  }

  async #read(
    reader: Redis,
    partitions: readonly number[],
    { from, count = this.#entriesAtOnce(partitions.length) }: { from: '0' | '>'; count?: number },
  ): Promise<Delivery[]> {
    const { consumer, handler } = this.#options;
    const keys = partitions.map(streamKey);
    const command = ['XREADGROUP', 'GROUP', handler.group, consumer, 'COUNT', `${count}`, 'BLOCK', `${BLOCK_MS}`];
    const positions = keys.map(() => from);
    const reply = await reader.sendBytes(keys[0], [...command, 'STREAMS', ...keys, ...positions], nullable(parseArray));
    this.#readAt = performance.now();
    const deliveries: Delivery[] = [];
    for (let i = 0; reply !== null && i < reply.length; i += 2) {
      const entries = parseEntries(reply[i + 1]);
      const partition = partitions[keys.indexOf(String(reply[i]))];
      if (entries.length > 0 && partition !== undefined) deliveries.push({ partition, entries });
    }
    this.#noteSizes(deliveries);
    return deliveries;
  }

  #entriesAtOnce(streams: number): number {
    const fitting = Math.floor(READ_BYTES / this.#entryBytes / streams);
    return Math.max(1, Math.min(MAX_ENTRIES_PER_STREAM, fitting));
  }

  #noteSizes(deliveries: readonly Delivery[]): void {
    const sizes = deliveries.flatMap(({ entries }) => entries.map(({ bytes }) => bytes?.length ?? 0));
    if (sizes.length === 0) return;
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    // Quick to grow, slow to shrink: the next read must not bring much more than it may.
    this.#entryBytes = Math.max(64, mean, this.#entryBytes * 0.7);
  }

  async #handle(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length > 0) await this.#repeat(() => this.#options.handler.handle(deliveries));
  }

  async #takeOver(partitions: readonly number[], takeover: Claim): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const partition of partitions) {
        await this.#repeat(() => takeover.run(partition, this.#entriesAtOnce(1), signal));
      }
      // Not all consumers at the same time.
      await this.#sleep((this.#options.claimIdleMs / 4) * (0.5 + Math.random()));
    }
  }

  /**
   * Repeats an action until it succeeds; undefined where the worker stopped before. TRYAGAIN, CLUSTERDOWN, READONLY,
   * LOADING, UNBLOCKED, MASTERDOWN and lost connections are normal while Redis fails over or slots move.
   */
  async #repeat<T>(action: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stopping;
    for (let tries = 0; ; tries++) {
      try {
        return await action();
      } catch (error) {
        await this.#report(error);
        // One more try at the stop: Redis may be there, and then nothing has to wait for a takeover.
        if (signal.aborted && tries > 0) return undefined;
        await this.#sleep(Math.min(10 * 2 ** tries, 500));
      }
    }
  }

  async #report(error: unknown): Promise<void> {
    const { deployment, handler, onAlarm } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('NOGROUP') || message.startsWith('UNBLOCKED')) {
      try {
        await deployment.repair();
      } catch {
        // Redis is away: the next try comes here again.
      }
      return;
    }
    // A connection that is away reports itself.
    if (neverSent(error) || this.#stopping.signal.aborted) return;
    const last = this.#reportedAt.get(message) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - last < FAULT_REPORT_MS) return;
    this.#reportedAt.set(message, performance.now());
    onAlarm({ kind: 'fault', message: `${handler.group}: ${message}; repeating`, entries: 0 });
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#stopping.signal });
    } catch {
      // The worker stops: no reason to sleep on.
    }
  }
}
