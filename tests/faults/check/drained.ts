import { openRedis, type Redis } from '../../../store/redis/redis.ts';
import { flatToRecord } from '../../../store/redis/redis-reply.ts';
import { streamKey } from '../../../store/streams/keys.ts';
import { waitFor } from '../../support/wait-for.ts';

type Reply = (string | number)[];

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

/** What is left to do in a stream, in words. */
async function remainder(redis: Redis, key: string): Promise<string | undefined> {
  if ((await redis.send<number>(key, ['EXISTS', key])) === 0) return undefined;
  const stream = flatToRecord(await redis.send<Reply>(key, ['XINFO', 'STREAM', key]));
  for (const fields of await redis.send<Reply[]>(key, ['XINFO', 'GROUPS', key])) {
    const group = flatToRecord(fields);
    const behind = group['last-delivered-id'] !== stream['last-generated-id'];
    if (group.pending !== 0 || behind) {
      return `${key} ${group.name}: ${group.pending} pending${behind ? ', some unread' : ''}`;
    }
  }
  return undefined;
}
