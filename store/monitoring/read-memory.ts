import type { Redis } from '../redis/redis.ts';
import { parseText } from '../redis/replies.ts';

/** Bytes that Redis uses; undefined for a cluster, where the figure of one node would mislead. */
export async function readMemory(redis: Redis): Promise<number | undefined> {
  if (redis.cluster) return undefined;
  const info = await redis.send(undefined, ['INFO', 'memory'], parseText);
  const bytes = /^used_memory:(\d+)/m.exec(info)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
