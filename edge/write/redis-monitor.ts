import type { Redis } from '../../store/redis/redis.ts';
import { readRedisTime } from '../../store/redis/redis-time.ts';
import { parseInteger } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';

/** Redis's clock and stream lengths, polled, so that a vote never has to ask for them. */
export interface RedisMonitor extends Disposable {
  /** Redis's clock now, in milliseconds since 1970, to within half a round trip. */
  now(): number;
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
  let offset = 0;
  let polling = false;

  const poll = async () => {
    const asked = Date.now();
    const time = await readRedisTime(redis);
    const answered = Date.now();
    offset = time - (asked + answered) / 2;
    await Promise.all(
      Array.from(lengths, async (_, partition) => {
        const key = streamKey(partition);
        lengths[partition] = await redis.send(key, ['XLEN', key], parseInteger);
      }),
    );
  };
  // Without it an edge whose clock is wrong would reject votes and show hidden results.
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
    now: () => Date.now() + offset,
    backlogged: (partition) => (lengths[partition] as number) >= maxBacklog,
    get streamEntries() {
      return lengths.reduce((sum, length) => sum + length, 0);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function ignoreError(): void {
  // Redis is unavailable, as its connection reports; no vote gets through until the next poll.
}
