import * as v from 'valibot';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { storeLog } from '../store-log.ts';
import { clusterKey } from '../streams/keys.ts';

/** The last time that a process wrote the deployment back into a Redis that had lost data. */
export interface Restoration {
  /** ISO 8601, by Redis's clock. */
  readonly at: string;
  /** The process that restored. */
  readonly by: string;
  /** Partitions whose stream was lost. Votes in it that were not logged are gone. */
  readonly partitions: readonly number[];
}

const FIELD = 'restored';
const schema = v.object({ at: v.string(), by: v.string(), partitions: v.array(v.number()) });

export async function recordRestoration(redis: Redis, restored: Omit<Restoration, 'at'>): Promise<void> {
  const at = new Date(await readRedisTime(redis, clusterKey)).toISOString();
  const json = JSON.stringify({ at, ...restored } satisfies Restoration);
  await redis.send(clusterKey, ['HSET', clusterKey, FIELD, json]);
}

/** Undefined if Redis never lost data. */
export async function readRestoration(redis: Redis): Promise<Restoration | undefined> {
  const json = await redis.send(clusterKey, ['HGET', clusterKey, FIELD], nullable(parseText));
  if (json === null) return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Not JSON: another program wrote it.
    return undefined;
  }
}

export function announceLoss(lost: { settings: boolean; contests: boolean; partitions: readonly number[] }): void {
  const parts = [
    ...(lost.settings ? ['the settings'] : []),
    ...(lost.contests ? ['the contests'] : []),
    ...(lost.partitions.length > 0 ? [`partitions ${lost.partitions.join(', ')}`] : []),
  ];
  storeLog.error(
    `Redis lost ${parts.join(', ')}; writing back what this process knows. ` +
      'Restore the counts from the log with: npm run recount -- --all --apply',
  );
}
