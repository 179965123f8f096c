import * as v from 'valibot';
import { FIRST_REDIS_SCHEMA, REDIS_SCHEMA } from '../deployment/redis-schema.ts';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { refusesWrites } from '../redis/refuses-writes.ts';
import { parseText, recordOf } from '../redis/replies.ts';
import { heartbeatsKey } from '../streams/keys.ts';

/** Every edge and consumer writes one about once a second. Times are milliseconds since 1970 by Redis's clock. */
export interface Heartbeat {
  readonly role: 'consumer' | 'edge';
  /** Unique among running processes. */
  readonly name: string;
  readonly at: number;
  readonly startedAt: number;
  /** The highest schema version of data in Redis that the process supports. */
  readonly schema: number;
  /** Counts and states that the process reports, depending on its role. */
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

/** A process without a heartbeat for longer than this counts as dead. */
export const HEARTBEAT_DEAD_MS = 5000;

const DAY_MS = 86_400_000;

const heartbeatSchema = v.object({
  role: v.picklist(['consumer', 'edge']),
  name: v.string(),
  at: v.number(),
  startedAt: v.number(),
  // Versions from before schema versions do not report it.
  schema: v.optional(v.number(), FIRST_REDIS_SCHEMA),
  details: v.record(v.string(), v.union([v.number(), v.string(), v.boolean()])),
});

export async function writeHeartbeat(redis: Redis, heartbeat: Omit<Heartbeat, 'at' | 'schema'>): Promise<void> {
  const at = Math.floor(await readRedisTime(redis, heartbeatsKey));
  const json = JSON.stringify({ ...heartbeat, at, schema: REDIS_SCHEMA });
  await redis.send(heartbeatsKey, ['HSET', heartbeatsKey, fieldOf(heartbeat), json]);
}

/** Removes the heartbeat of a process that stops normally. */
export async function removeHeartbeat(redis: Redis, heartbeat: Pick<Heartbeat, 'role' | 'name'>): Promise<void> {
  await redis.send(heartbeatsKey, ['HDEL', heartbeatsKey, fieldOf(heartbeat)]);
}

/** Reads all heartbeats with their ages. Deletes those that are older than a day or unreadable. */
export async function readHeartbeats(redis: Redis): Promise<(Heartbeat & { readonly ageMs: number })[]> {
  const now = await readRedisTime(redis, heartbeatsKey);
  const fields = await redis.send(heartbeatsKey, ['HGETALL', heartbeatsKey], recordOf(parseText));
  const kept: (Heartbeat & { readonly ageMs: number })[] = [];
  const dropped: string[] = [];
  for (const [field, json] of Object.entries(fields)) {
    const heartbeat = parseHeartbeat(json);
    if (heartbeat === undefined || now - heartbeat.at > DAY_MS) dropped.push(field);
    else kept.push({ ...heartbeat, ageMs: Math.max(0, Math.floor(now) - heartbeat.at) });
  }
  if (dropped.length > 0) await redis.send(heartbeatsKey, ['HDEL', heartbeatsKey, ...dropped]);
  return kept.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** True if Redis accepts heartbeats now. Changes nothing, because the heartbeat's field exists already. */
export async function acceptsHeartbeats(redis: Redis, [heartbeat]: readonly Heartbeat[]): Promise<boolean> {
  if (heartbeat === undefined) return true;
  try {
    await redis.send(heartbeatsKey, ['HSETNX', heartbeatsKey, fieldOf(heartbeat), JSON.stringify(heartbeat)]);
    return true;
  } catch (error) {
    if (refusesWrites(error)) return false;
    throw error;
  }
}

function parseHeartbeat(json: string): Heartbeat | undefined {
  try {
    const parsed = v.safeParse(heartbeatSchema, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // The value is not JSON: another program wrote it.
    return undefined;
  }
}

function fieldOf({ role, name }: Pick<Heartbeat, 'role' | 'name'>): string {
  return `${role} ${name}`;
}
