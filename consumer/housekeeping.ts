import { setTimeout as delay } from 'node:timers/promises';
import { readHeartbeats, removeHeartbeat, writeHeartbeat } from '../store/monitoring/heartbeats.ts';
import { HEARTBEAT_DEAD_MS } from '../store/monitoring/system.ts';
import { neverSent, type Redis } from '../store/redis/redis.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../store/streams/keys.ts';
import { removeConsumer, trim } from '../store/streams/stream-groups.ts';
import { readConsumers } from '../store/streams/stream-info.ts';

export interface HousekeepingOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly consumer: string;
  readonly trimKeepMs: number;
  /** What the heartbeat says beside the name. */
  readonly details: () => Readonly<Record<string, number | string | boolean>>;
  readonly onFault: (message: string) => void;
}

const HEARTBEAT_MS = 1000;
const TRIM_MS = 1000;
const REMOVE_MS = 5000;
/** A thousand partitions must not keep Redis busy with looking after them. */
const MS_PER_PARTITION = 10;
/** For how long a process that died without a word is listed as dead. */
const FORGET_MS = 600_000;
/** The same fault is reported at most this often. */
const FAULT_REPORT_MS = 60_000;

/**
 * What every consumer does on the side, and all may do at once: signs of life, trimming, and taking the names of
 * consumers that left off the groups.
 */
export class Housekeeping implements AsyncDisposable {
  readonly #options: HousekeepingOptions;
  readonly #stopping = new AbortController();
  readonly #startedAt = Date.now();
  readonly #loops: Promise<void>[];
  readonly #reportedAt = new Map<string, number>();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#loops = [
      this.#every(HEARTBEAT_MS, () => this.#beat()),
      this.#every(Math.max(TRIM_MS, options.partitions * MS_PER_PARTITION), () =>
        this.#forAll((partition) => trim(options.redis, partition, options.trimKeepMs)),
      ),
      this.#every(Math.max(REMOVE_MS, options.partitions * MS_PER_PARTITION), () => this.#removeDead()),
    ];
  }

  /** Says goodbye: nothing of this consumer is listed afterwards unless it left something pending. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { redis, consumer } = this.#options;
    this.#stopping.abort();
    await Promise.all(this.#loops);
    try {
      for (const group of [TALLY_GROUP, LOG_GROUP]) {
        await this.#forAll((partition) => removeConsumer(redis, partition, group, consumer));
      }
      await removeHeartbeat(redis, { role: 'consumer', name: consumer });
    } catch (error) {
      this.#report(error);
    }
  }

  #beat(): Promise<void> {
    const { redis, consumer, details } = this.#options;
    return writeHeartbeat(redis, { role: 'consumer', name: consumer, startedAt: this.#startedAt, details: details() });
  }

  async #removeDead(): Promise<void> {
    const { redis } = this.#options;
    const beats = await readHeartbeats(redis);
    const alive = new Set(beats.filter(({ ageMs }) => ageMs <= HEARTBEAT_DEAD_MS).map(({ name }) => name));
    for (const group of [TALLY_GROUP, LOG_GROUP]) {
      await this.#forAll(async (partition) => {
        for (const { name, pending, idleMs } of await readConsumers(redis, streamKey(partition), group)) {
          // One that was paused shows up again as soon as it reads.
          const left = !alive.has(name) && pending === 0 && idleMs > HEARTBEAT_DEAD_MS;
          if (left) await removeConsumer(redis, partition, group, name);
        }
      });
    }
    for (const { role, name, ageMs } of beats) {
      if (ageMs > FORGET_MS) await removeHeartbeat(redis, { role, name });
    }
  }

  async #forAll(action: (partition: number) => Promise<unknown>): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.partitions }, (_, partition) => action(partition)));
  }

  async #every(ms: number, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await action();
      } catch (error) {
        this.#report(error);
      }
      await delay(ms * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(wakeUp);
    }
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // The workers heal a missing group; the connection reports itself.
    const isPassing = /^(NOGROUP|ERR no such key)/.test(message) || neverSent(error) || !this.#options.redis.ready;
    const last = this.#reportedAt.get(message) ?? Number.NEGATIVE_INFINITY;
    if (isPassing || performance.now() - last < FAULT_REPORT_MS) return;
    this.#reportedAt.set(message, performance.now());
    this.#options.onFault(`housekeeping: ${message}`);
  }
}

function wakeUp(): void {
  // The process stops: no reason to sleep on.
}
