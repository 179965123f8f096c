import type { Redis } from '../../store/redis/redis.ts';
import { readRedisTime } from '../../store/redis/redis-time.ts';
import { readStreamPosition } from '../../store/streams/stream-info.ts';
import { edgeLog } from '../edge-log.ts';

const SET_BACK_MS = 1000;
const WARN_EVERY_MS = 60_000;

/** Redis's clock and stream lengths, polled, so that a vote never has to ask for them. */
export interface RedisMonitor extends Disposable {
  /**
   * The clock that decides whether a contest is open, in milliseconds since 1970: Redis's, to within half a round trip,
   * but never behind the highest entry id. The tally uses ids, which do not go back when Redis's clock does.
   */
  now(): number;
  /**
   * The earliest time that the next entry of any partition may get. Differs from `now` after the clock was set back.
   */
  earliest(): number;
  /** Notes the id of a new entry. */
  observe(partition: number, entryId: string): void;
  /** True if the partition's stream has reached MAX_BACKLOG entries. */
  backlogged(partition: number): boolean;
  /** Entries in all streams at the last poll. */
  readonly streamEntries: number;
}

interface RedisMonitorOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly maxBacklog: number;
  /** Default 500. */
  readonly intervalMs?: number;
}

/** Resolves after the first poll; rejects if Redis is unavailable. */
export async function startRedisMonitor(options: RedisMonitorOptions): Promise<RedisMonitor> {
  const { redis, partitions, maxBacklog, intervalMs = 500 } = options;
  const lengths = new Float64Array(partitions);
  /** The milliseconds of each stream's highest id, and the extremes of all. */
  const lastMs = new Float64Array(partitions);
  let highestMs = 0;
  let lowestMs = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  let offset = 0;
  let polling = false;

  const poll = async () => {
    const asked = Date.now();
    const time = await readRedisTime(redis);
    const answered = Date.now();
    offset = time - (asked + answered) / 2;
    await Promise.all(
      Array.from(lengths, async (_, partition) => {
        const position = await readStreamPosition(redis, partition);
        lengths[partition] = position.length;
        lastMs[partition] = position.lastMs;
      }),
    );
    highestMs = Math.max(...lastMs);
    lowestMs = Math.min(...lastMs);
    warnIfSetBack(highestMs - time);
  };
  const warnIfSetBack = (aheadMs: number) => {
    if (aheadMs < SET_BACK_MS || performance.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = performance.now();
    const seconds = Math.ceil(aheadMs / 1000);
    edgeLog.warn(
      { aheadMs: Math.ceil(aheadMs) },
      `Redis's clock was set back: entry ids are ${seconds} s ahead of it. Until it catches up, opening and closing ` +
        'times are compared with the ids.',
    );
  };
  // Without this poll, an edge with a wrong clock would reject votes and show hidden results.
  await poll();
  const timer = setInterval(() => {
    if (polling || !redis.ready) return;
    polling = true;
    poll()
      .catch(ignoreError)
      .finally(() => {
        polling = false;
      });
  }, intervalMs);
  return {
    now: () => Math.max(Date.now() + offset, highestMs),
    earliest: () => Math.max(Date.now() + offset, lowestMs),
    observe(partition, entryId) {
      const ms = Number.parseInt(entryId, 10);
      lastMs[partition] = ms;
      if (ms > highestMs) highestMs = ms;
    },
    backlogged: (partition) => (lengths[partition] as number) >= maxBacklog,
    get streamEntries() {
      return lengths.reduce((sum, length) => sum + length, 0);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function ignoreError(): void {
  // Redis is unavailable, as its connection reports; no vote is accepted until the next poll.
}
