import type { Redis } from './redis.ts';
import { readRedisTime } from './redis-time.ts';

/** The clock of Redis, read periodically, so that `now` needs no round trip. */
export interface RedisClock extends Disposable {
  /** Integer milliseconds since 1970; by the clock of this machine until Redis has answered. */
  now(): number;
}

/** @param intervalMs milliseconds between readings; default 2,000 */
export function followRedisClock(redis: Redis, intervalMs = 2000): RedisClock {
  let offsetMs = 0;
  const read = async () => {
    if (!redis.ready) return;
    const asked = Date.now();
    const time = await readRedisTime(redis);
    const answered = Date.now();
    const measuredMs = time - (asked + answered) / 2;
    // A reading is accurate to half of the round trip: a smaller difference confirms the last one.
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
  // The connection reports that Redis is unreachable.
}
