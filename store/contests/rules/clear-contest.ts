import type { Redis } from '../../redis/redis.ts';
import { readRedisTime } from '../../redis/redis-time.ts';
import { parseInteger } from '../../redis/replies.ts';
import { LuaScript } from '../../redis/scripts/lua-script.ts';
import { parseEntryId } from '../../streams/entry-id.ts';
import { rulesKey, streamKey, tallyKey, votersKey } from '../../streams/keys.ts';
import { readStreamInfo } from '../../streams/stream-info.ts';

const script = new LuaScript(new URL('./clear-contest.lua', import.meta.url));

export interface ClearOptions {
  readonly contest: string;
  /** Its new value in the rules. */
  readonly rule: string;
  /** Deadline in milliseconds since 1970, see the script. */
  readonly before: number;
  readonly keepVersion: boolean;
}

/** Removes a contest's counts and voters in one partition; false if `before` has passed. */
export async function clearContest(redis: Redis, partition: number, options: ClearOptions): Promise<boolean> {
  const { contest, rule, before, keepVersion } = options;
  const keys = [streamKey(partition), rulesKey(partition), tallyKey(partition, contest), votersKey(partition, contest)];
  const args = [contest, rule, `${before}`, keepVersion ? '1' : '0'];
  return (await script.run(redis, keys, args, parseInteger)) === 1;
}

/**
 * A time that no entry is later than, in milliseconds since 1970: Redis's clock, or the newest stream id if the clock
 * was set back.
 */
export async function readStreamTime(redis: Redis, partitions: number): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const stream = streamKey(partition);
      const clock = Math.floor(await readRedisTime(redis, stream));
      const info = await readStreamInfo(redis, stream);
      return Math.max(clock, parseEntryId(info?.lastId ?? '')?.ms ?? 0);
    }),
  );
  return Math.max(...times);
}
