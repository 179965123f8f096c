import type { Redis } from '../../store/redis/redis.ts';
import { readRedisTime } from '../../store/redis/redis-time.ts';
import { parseInteger } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';

/** What an edge knows of Redis between two votes: its clock and how long the streams are. */
export interface RedisMonitor extends Disposable {
  /** Redis's clock now, in milliseconds since 1970, as far as this process can tell. */
  now(): number;
  /** True where the partition's stream holds more entries than it may. */
  backlogged(partition: number): boolean;
  /** Entries in all streams at the last look. */
  readonly streamEntries: number;
}

export interface RedisMonitorOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly maxBacklog: number;
  /** How often to look. Default 500. */
  readonly intervalMs?: number;
}

/** Resolves after the first look; rejects where Redis is away. */
export async function startRedisMonitor(options: RedisMonitorOptions): Promise<RedisMonitor> {
  const { redis, partitions, maxBacklog, intervalMs = 500 } = options;
  const lengths = new Float64Array(partitions);
  let offset = 0;
  let looking = false;

  const look = async () => {
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
  // Until it has looked, an edge whose clock is wrong would refuse votes, and show what is hidden.
  await look();
  const timer = setInterval(() => {
    if (looking || !redis.ready) return;
    looking = true;
    look()
      .catch(keepWhatWasSeen)
      .finally(() => {
        looking = false;
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

function keepWhatWasSeen(): void {
  // Redis is away, as its connection reports; no vote gets through until the next look.
}
