import { setTimeout as delay } from 'node:timers/promises';
import { createReportThrottle } from '../../log/report-throttle.ts';
import { neverSent, type Redis } from '../../store/redis/redis.ts';
import { nullable, parseArray } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { Claim } from './claim.ts';
import type { GroupWorkerOptions } from './group-handler.ts';
import { type Delivery, parseEntries } from './stream-entry.ts';

/** Target size of one read over all partitions, about 20,000 votes, which are decoded in memory at once. */
const READ_BYTES = 1 << 20;
const MAX_ENTRIES_PER_STREAM = 64;
/** Assumed entry size before the first read; large, so that large entries do not exceed the target. */
const FIRST_ENTRY_BYTES = 32 << 10;
/** A longer block would delay a graceful stop and hide a silent connection. */
const BLOCK_MS = 1000;

/**
 * Delivers the entries of one group to its handler: new entries, and entries that another consumer did not finish.
 * Partitions are not assigned: any free consumer reads any partition.
 */
export class GroupWorker implements AsyncDisposable {
  readonly #options: GroupWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #readers: Redis[] = [];
  #running: Promise<unknown> = Promise.resolve();
  readonly #isDue = createReportThrottle();
  #entryBytes = FIRST_ENTRY_BYTES;
  /** `performance.now()` when the last read succeeded or the pending read began. */
  #readAt = performance.now();
  /** Number of readers with a read in flight. The others handle entries, which may take as long as a log outage. */
  #reading = 0;

  constructor(options: GroupWorkerOptions) {
    this.#options = options;
  }

  /** Milliseconds since Redis should have answered a read; 0 while no read is in flight. */
  get silentMs(): number {
    return this.#reading === 0 ? 0 : performance.now() - this.#readAt;
  }

  start(): void {
    const { redis, partitions } = this.#options;
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    // A blocking read occupies its connection, and in a cluster it cannot read streams of different slots.
    const shares = redis.cluster ? all.map((partition) => [partition]) : [all];
    const claim = new Claim(this.#options, (deliveries) => this.#handle(deliveries));
    const readers = shares.map((share) => this.#readShare(share, claim));
    this.#running = Promise.all([...readers, this.#claimIdle(all, claim)]);
  }

  /** Finishes the entries that are being handled; all others stay pending for other consumers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#readers.map((reader) => reader[Symbol.asyncDispose]()));
  }

  async #readShare(partitions: readonly number[], claim: Claim): Promise<void> {
    const { redis, consumer, handler } = this.#options;
    const reader = redis.duplicate(`${consumer}-${handler.group}-reader`);
    this.#readers.push(reader);
    // A consumer that restarts under its old name first handles its pending entries.
    await this.#repeat(async () => {
      const left = await this.#timed(() => this.#read(reader, partitions, { from: '0' }));
      for (const delivery of left) await claim.redeliver(delivery);
    });
    let handling: Promise<void> = Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const count = this.#entriesAtOnce(partitions.length);
      const read = () => this.#read(reader, partitions, { from: '>', count });
      const deliveries = (await this.#timed(() => this.#repeat(read))) ?? [];
      // At most one read runs ahead while the previous one is handled.
      await handling;
      handling = this.#handle(deliveries);
      const backlog = deliveries.some(({ entries }) => entries.length >= count);
      if (deliveries.length > 0 && !backlog) await this.#sleep(handler.readEveryMs);
    }
    await handling;
  }

  async #timed<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reading++ === 0) this.#readAt = performance.now();
    try {
      return await read();
    } finally {
      this.#reading--;
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
    // The estimate grows at once and shrinks slowly, so that the next read does not exceed the target by much.
    this.#entryBytes = Math.max(64, mean, this.#entryBytes * 0.7);
  }

  async #handle(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length > 0) await this.#repeat(() => this.#options.handler.handle(deliveries));
  }

  async #claimIdle(partitions: readonly number[], claim: Claim): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const partition of partitions) {
        await this.#repeat(() => claim.claimPartition(partition, this.#entriesAtOnce(1), signal));
      }
      // Jitter keeps consumers from claiming at the same time.
      await this.#sleep((this.#options.claimIdleMs / 4) * (0.5 + Math.random()));
    }
  }

  /**
   * Repeats an action until it succeeds; undefined if the worker stopped first. TRYAGAIN, CLUSTERDOWN, READONLY,
   * LOADING, UNBLOCKED, MASTERDOWN and lost connections are normal while Redis fails over or slots move.
   */
  async #repeat<T>(action: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stopping;
    for (let tries = 0; ; tries++) {
      try {
        return await action();
      } catch (error) {
        await this.#report(error);
        // One last attempt when stopping: if Redis answers, no entries have to wait for a claim.
        if (signal.aborted && tries > 0) return undefined;
        await this.#sleep(Math.min(10 * 2 ** tries, 500));
      }
    }
  }

  async #report(error: unknown): Promise<void> {
    const { deployment, handler, log } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('NOGROUP') || message.startsWith('UNBLOCKED')) {
      try {
        await deployment.repair();
      } catch {
        // Redis is unavailable; the next attempt repairs again.
      }
      return;
    }
    // A recount briefly stops the count of a contest.
    if (message.startsWith('TRYAGAIN')) return;
    // The connection reports its own failures.
    if (neverSent(error) || this.#stopping.signal.aborted) return;
    if (this.#isDue(message)) log.warn({ group: handler.group, fault: message }, 'Handling failed; retrying');
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#stopping.signal });
    } catch {
      // The worker is stopping.
    }
  }
}
