import type { Redis } from './redis.ts';
import { parseTime } from './replies.ts';

/**
 * Reads the clock of the server that has `key`, in milliseconds since 1970 with microseconds as a fraction.
 *
 * @param key undefined: the clock of any server
 */
export function readRedisTime(redis: Redis, key?: string): Promise<number> {
  return redis.send(key, ['TIME'], parseTime);
}
