import type { Redis } from '../redis/redis.ts';
import { heartbeatsKey } from '../streams/keys.ts';

/** What a process says of itself every second or so. Times are milliseconds since 1970 by Redis's clock. */
export interface Heartbeat {
  readonly role: 'consumer' | 'edge';
  /** Unique among all that live. */
  readonly name: string;
  readonly at: number;
  readonly startedAt: number;
  /** Whatever the role has to say, as counts and states. */
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

/** Writes one heartbeat. */
export async function writeHeartbeat(redis: Redis, beat: Omit<Heartbeat, 'at'>): Promise<void> {
  const at = await redisTime(redis);
  await redis.send(heartbeatsKey, [
    'HSET',
    heartbeatsKey,
    `${beat.role} ${beat.name}`,
    JSON.stringify({ ...beat, at }),
  ]);
}

/** Says goodbye: a process that stopped in order is not listed any more. */
export async function removeHeartbeat(redis: Redis, beat: Pick<Heartbeat, 'role' | 'name'>): Promise<void> {
  await redis.send(heartbeatsKey, ['HDEL', heartbeatsKey, `${beat.role} ${beat.name}`]);
}

/** All heartbeats with `ageMs`, how long ago each was. Those older than a day are removed on the way. */
export async function readHeartbeats(redis: Redis): Promise<(Heartbeat & { ageMs: number })[]> {
  const now = await redisTime(redis);
  const pairs = await redis.send<string[]>(heartbeatsKey, ['HGETALL', heartbeatsKey]);
  const beats = pairs.flatMap((text, i) => (i % 2 === 1 ? [JSON.parse(text) as Heartbeat] : []));
  const old = beats.filter(({ at }) => now - at > 86_400_000);
  if (old.length > 0) {
    const fields = old.map(({ role, name }) => `${role} ${name}`);
    await redis.send(heartbeatsKey, ['HDEL', heartbeatsKey, ...fields]);
  }
  return beats
    .filter((beat) => !old.includes(beat))
    .map((beat) => ({ ...beat, ageMs: Math.max(0, now - beat.at) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Milliseconds since 1970 by the clock of the server that has the heartbeats. */
export async function redisTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.send<[string, string]>(heartbeatsKey, ['TIME']);
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
