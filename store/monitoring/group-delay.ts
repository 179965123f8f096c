import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { parseArray, parseText } from '../redis/replies.ts';
import { streamKey } from '../streams/keys.ts';
import { readGroups } from '../streams/stream-info.ts';

/**
 * The age in milliseconds of the oldest entry that a group has not handled, over all partitions: how far the group is
 * behind. 0 if it has handled everything.
 */
export async function readGroupDelay(redis: Redis, partitions: number, group: string): Promise<number> {
  const ages = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => oldestAge(redis, streamKey(partition), group)),
  );
  return Math.max(0, ...ages);
}

async function oldestAge(redis: Redis, stream: string, name: string): Promise<number> {
  const group = (await readGroups(redis, stream)).find((each) => each.name === name);
  if (group === undefined) return 0;
  const command =
    group.pending > 0
      ? ['XPENDING', stream, name, '-', '+', '1']
      : ['XRANGE', stream, `(${group.lastDeliveredId}`, '+', 'COUNT', '1'];
  const [first] = await redis.send(stream, command, parseArray);
  if (first === undefined) return 0;
  const id = parseText(parseArray(first)[0]);
  return Math.max(0, (await readRedisTime(redis, stream)) - Number.parseInt(id, 10));
}
