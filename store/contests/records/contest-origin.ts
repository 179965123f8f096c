import { randomBytes } from 'node:crypto';
import type { Redis } from '../../redis/redis.ts';
import { nullable, parseInteger, parseText } from '../../redis/replies.ts';
import { contestsKey } from '../../streams/keys.ts';

/**
 * The field of the contests hash that identifies the deployment that created the contests; not a valid contest id.
 * Without it, a removed default contest would come back at each start.
 */
export const ORIGIN_FIELD = ':seeded';

export function readOrigin(redis: Redis): Promise<string | null> {
  return redis.send(contestsKey, ['HGET', contestsKey, ORIGIN_FIELD], nullable(parseText));
}

export async function hasOrigin(redis: Redis): Promise<boolean> {
  return (await redis.send(contestsKey, ['HEXISTS', contestsKey, ORIGIN_FIELD], parseInteger)) === 1;
}

/** Writes a new origin unless there is one: `<ms since 1970>-<random>`; earlier versions wrote `1`. */
export async function createOrigin(redis: Redis): Promise<void> {
  const origin = `${Date.now()}-${randomBytes(6).toString('base64url')}`;
  await redis.send(contestsKey, ['HSETNX', contestsKey, ORIGIN_FIELD, origin]);
}

/** True if the contests in Redis belong to this deployment: later ones are defaults that were created after a loss. */
export function isSameOrOlder(origin: string | null | undefined, known: string): origin is string {
  return typeof origin === 'string' && (origin === known || createdAt(origin) < createdAt(known));
}

function createdAt(origin: string): number {
  return Number.parseInt(origin, 10) || 0;
}
