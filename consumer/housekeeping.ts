import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log/logger.ts';
import { createReportThrottle } from '../log/report-throttle.ts';
import { HEARTBEAT_DEAD_MS, readHeartbeats, removeHeartbeat, writeHeartbeat } from '../store/monitoring/heartbeats.ts';
import { neverSent, type Redis } from '../store/redis/redis.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../store/streams/keys.ts';
import { removeConsumer, trim } from '../store/streams/stream-groups.ts';
import { readConsumers } from '../store/streams/stream-info.ts';

interface HousekeepingOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly consumer: string;
  readonly trimKeepMs: number;
  /** The content of the heartbeat besides the name. */
  readonly details: () => Readonly<Record<string, number | string | boolean>>;
  readonly log: Logger;
}

const HEARTBEAT_MS = 1000;
const TRIM_MS = 1000;
const REMOVE_MS = 5000;
/** Time per partition, so that housekeeping of a thousand partitions does not keep Redis busy. */
const MS_PER_PARTITION = 10;
/** Time for which a process that did not stop normally is listed as dead. */
const FORGET_MS = 600_000;

/**
 * Background work of every consumer, which all may do at the same time: heartbeats, trimming, and removing dead
 * consumers from the groups.
 */
export class Housekeeping implements AsyncDisposable {
  readonly #options: HousekeepingOptions;
  readonly #stopping = new AbortController();
  readonly #startedAt = Date.now();
  readonly #loops: Promise<void>[];
  readonly #isDue = createReportThrottle();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#loops = [
      this.#every(HEARTBEAT_MS, () => this.#heartbeat()),
      this.#every(Math.max(TRIM_MS, options.partitions * MS_PER_PARTITION), () =>
        this.#forAll((partition) => trim(options.redis, partition, options.trimKeepMs)),
      ),
      this.#every(Math.max(REMOVE_MS, options.partitions * MS_PER_PARTITION), () => this.#removeDead()),
    ];
  }

  /** Removes this consumer from the lists, unless it has pending entries. */
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

  #heartbeat(): Promise<void> {
    const { redis, consumer, details } = this.#options;
    return writeHeartbeat(redis, { role: 'consumer', name: consumer, startedAt: this.#startedAt, details: details() });
  }

  async #removeDead(): Promise<void> {
    const { redis } = this.#options;
    const heartbeats = await readHeartbeats(redis);
    const alive = new Set(heartbeats.filter(({ ageMs }) => ageMs <= HEARTBEAT_DEAD_MS).map(({ name }) => name));
    for (const group of [TALLY_GROUP, LOG_GROUP]) {
      await this.#forAll(async (partition) => {
        for (const { name, pending, idleMs } of await readConsumers(redis, streamKey(partition), group)) {
          // A consumer that was only paused is listed again at its next read.
          const left = !alive.has(name) && pending === 0 && idleMs > HEARTBEAT_DEAD_MS;
          if (left) await removeConsumer(redis, partition, group, name);
        }
      });
    }
    for (const { role, name, ageMs } of heartbeats) {
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
      // Jitter spreads out consumers that started together. An abort ends the loop.
      await delay(ms * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // The workers recreate a missing group, and the connection reports its own failures.
    const isPassing = /^(NOGROUP|ERR no such key)/.test(message) || neverSent(error) || !this.#options.redis.ready;
    if (isPassing || !this.#isDue(message)) return;
    this.#options.log.warn({ fault: message }, 'Housekeeping failed; retrying');
  }
}
