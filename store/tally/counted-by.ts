import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { countedByKey } from '../streams/keys.ts';
import type { VotePlace } from './receipt-status.ts';

const countedByScript = new LuaScript(new URL('./counted-by.lua', import.meta.url));

/**
 * The name of the consumer that counted a vote. Undefined if the vote is not counted or its record no longer exists:
 * Redis keeps the latest 8,192 records of each partition, one per read of a consumer.
 */
export async function readCountedBy(redis: Redis, { partition, entryId }: VotePlace): Promise<string | undefined> {
  const keys = [countedByKey(partition)];
  return (await countedByScript.run(redis, keys, [entryId], nullable(parseText))) ?? undefined;
}
