import { openRedis, type Redis } from '../../../store/redis/redis.ts';
import { streamKey } from '../../../store/streams/keys.ts';
import { readGroups, readStreamInfo } from '../../../store/streams/stream-info.ts';
import { waitFor } from '../../support/wait-for.ts';

/** I4: nothing pending and nothing unread in either group, within 30 s. */
export async function drained(redisUrls: readonly string[], partitions: number): Promise<void> {
  await using redis = openRedis({ urls: redisUrls, name: 'checker' });
  await redis.whenReady();
  let left = '';
  const isDrained = async () => {
    for (let partition = 0; partition < partitions; partition++) {
      left = (await remainder(redis, streamKey(partition))) ?? '';
      if (left !== '') return false;
    }
    return true;
  };
  try {
    await waitFor(isDrained, { what: 'both groups drain every stream', timeoutMs: 30_000 });
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${left}`);
  }
}

/** Describes the remaining work of a stream; undefined if there is none. */
async function remainder(redis: Redis, key: string): Promise<string | undefined> {
  const stream = await readStreamInfo(redis, key);
  for (const group of await readGroups(redis, key)) {
    const behind = group.lastDeliveredId !== stream?.lastId;
    if (group.pending !== 0 || behind) {
      return `${key} ${group.name}: ${group.pending} pending${behind ? ', some unread' : ''}`;
    }
  }
  return undefined;
}
