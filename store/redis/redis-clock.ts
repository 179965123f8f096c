import type { Redis } from './redis.ts';
import { readRedisTime } from './redis-time.ts';

/** The clock of Redis, read now and then, so that asking for the time costs nothing. */
export interface RedisClock extends Disposable {
  /** Milliseconds since 1970, an integer; the clock of this machine until Redis has answered. */
  now(): number;
}

/** @param intervalMs time between two readings; default 2,000 */
export function followRedisClock(redis: Redis, intervalMs = 2000): RedisClock {
  let offsetMs = 0;
  const read = async () => {
    if (!redis.ready) return;
    const asked = Date.now();
    const time = await readRedisTime(redis);
    const answered = Date.now();
    const measuredMs = time - (asked + answered) / 2;
    // The reading may be wrong by half of the round trip: within that, it confirms the last one.
    if (Math.abs(measuredMs - offsetMs) > (answered - asked) / 2 + 1) offsetMs = Math.round(measuredMs);
  };
  const poll = () => void read().catch(keepOffset);
  poll();
  const timer = setInterval(poll, intervalMs).unref();
  return {
    now: () => Date.now() + offsetMs,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function keepOffset(): void {
  // Redis is away, which its connection reports.
}
