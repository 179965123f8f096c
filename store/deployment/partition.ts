import { randomBytes } from 'node:crypto';
import type { Redis } from '../redis/redis.ts';
import { parseInteger, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { epochKey, LOG_GROUP, rulesKey, streamKey, TALLY_GROUP } from '../streams/keys.ts';

const script = new LuaScript(new URL('./open-partition.lua', import.meta.url));
const parseReply = tupleOf(parseText, parseInteger);

/**
 * Creates missing parts of a partition. `isNew`: its stream did not exist.
 *
 * @param rules alternating contest ids and rules; `overwrite`: replace existing ones
 */
export async function openPartition(
  redis: Redis,
  partition: number,
  {
    epoch,
    rules,
    overwrite = false,
  }: { readonly epoch: string; readonly rules: readonly string[]; readonly overwrite?: boolean },
): Promise<{ epoch: string; isNew: boolean }> {
  const keys = [streamKey(partition), epochKey(partition), rulesKey(partition)];
  const [current, isNew] = await script.run(
    redis,
    keys,
    [epoch, TALLY_GROUP, LOG_GROUP, overwrite ? 'HSET' : 'HSETNX', ...rules],
    parseReply,
  );
  return { epoch: current, isNew: isNew === 1 };
}

/** Opens a partition without rules, for tools and tests that have no contests. Returns the epoch. */
export async function ensurePartition(redis: Redis, partition: number): Promise<string> {
  const epoch = randomBytes(6).toString('base64url');
  return (await openPartition(redis, partition, { epoch, rules: [] })).epoch;
}
