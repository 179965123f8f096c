import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { parseText, recordOf } from '../redis/replies.ts';
import { storeLog } from '../store-log.ts';
import { clusterKey } from '../streams/keys.ts';

/** The last restoration: processes wrote the deployment's state back to a Redis that had lost data. */
export interface Restoration {
  /** ISO 8601, by Redis's clock. */
  readonly at: string;
  /** The name of a process that took part. */
  readonly by: string;
  /** Partitions whose stream was lost, with all votes in it that were not logged. */
  readonly partitions: readonly number[];
}

/**
 * Field of the settings: `<ms> <process>`; with `:<partition>` appended: `<ms>` of that partition's last restoration.
 */
const FIELD = 'restored';
/** Several processes may restore parts at the same time: restorations within this time belong to one loss. */
const SAME_LOSS_MS = 10_000;

export async function recordRestoration(redis: Redis, { by, partitions }: Omit<Restoration, 'at'>): Promise<void> {
  const now = `${Math.floor(await readRedisTime(redis, clusterKey))}`;
  const fields = [FIELD, `${now} ${by}`, ...partitions.flatMap((partition) => [`${FIELD}:${partition}`, now])];
  await redis.send(clusterKey, ['HSET', clusterKey, ...fields]);
}

/** Reads the last restoration; undefined if Redis never lost data. */
export async function readRestoration(redis: Redis): Promise<Restoration | undefined> {
  const fields = await redis.send(clusterKey, ['HGETALL', clusterKey], recordOf(parseText));
  const [, at, by] = /^(\d+) (.*)$/.exec(fields[FIELD] ?? '') ?? [];
  if (at === undefined || by === undefined) return undefined;
  const partitions = Object.entries(fields).flatMap(([name, ms]) => {
    const partition = /^restored:(\d+)$/.exec(name)?.[1];
    return partition !== undefined && Number(ms) > Number(at) - SAME_LOSS_MS ? [Number(partition)] : [];
  });
  return { at: new Date(Number(at)).toISOString(), by, partitions: partitions.sort((a, b) => a - b) };
}

export function announceLoss(lost: { settings: boolean; contests: boolean; partitions: readonly number[] }): void {
  const parts = [
    ...(lost.settings ? ['the settings'] : []),
    ...(lost.contests ? ['the contests'] : []),
    ...(lost.partitions.length > 0 ? [`partitions ${lost.partitions.join(', ')}`] : []),
  ];
  storeLog.error(
    `Redis lost ${parts.join(', ')}; writing back the state that this process holds. ` +
      'Restore the counts from the log with: npm run recount -- --all --apply',
  );
}
