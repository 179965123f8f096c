import { randomBytes } from 'node:crypto';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { type EntryId, parseEntryId } from '../streams/entry-id.ts';
import { rulesKey, streamKey, TALLY_GROUP } from '../streams/keys.ts';

const script = new LuaScript(new URL('./freeze.lua', import.meta.url));
const parseReply = tupleOf(parseText, parseText, listOf(parseText));

/** A stop of one contest's count in a partition. */
export interface Freeze {
  /** The stored value of the freeze, which the script that ends it checks. */
  readonly value: string;
  /** The tally has counted every entry up to this id, except pending ones. */
  readonly upTo: EntryId;
  readonly pending: ReadonlySet<string>;
}

/** Stops the count of a contest in a partition for at most `ms`. Consumers retry until the freeze ends. */
export async function freezeContest(
  redis: Redis,
  { partition, contest, ms }: { readonly partition: number; readonly contest: string; readonly ms: number },
): Promise<Freeze> {
  const args = [contest, TALLY_GROUP, randomBytes(6).toString('hex'), `${ms}`];
  const [value, last, pending] = await script.run(redis, [streamKey(partition), rulesKey(partition)], args, parseReply);
  return { value, upTo: parseEntryId(last) ?? { ms: 0, n: 0 }, pending: new Set(pending) };
}

export async function unfreezeContest(redis: Redis, partition: number, contest: string): Promise<void> {
  await redis.send(rulesKey(partition), ['HDEL', rulesKey(partition), `:frozen ${contest}`]);
}
