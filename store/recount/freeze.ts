import { randomBytes } from 'node:crypto';
import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { type EntryId, parseEntryId } from '../streams/entry-id.ts';
import { rulesKey, streamKey, TALLY_GROUP } from '../streams/keys.ts';

const script = new LuaScript(new URL('./freeze.lua', import.meta.url));
const parseReply = tupleOf(parseText, parseText, listOf(parseText));

/** The count of one contest is stopped in a partition. */
export interface Freeze {
  /** The value that stops it, for the script that ends the freeze. */
  readonly value: string;
  /** The tally has counted every entry up to here, except those that are pending. */
  readonly upTo: EntryId;
  readonly pending: ReadonlySet<string>;
}

/** Stops the count of a contest in a partition, for `ms` at most. Consumers repeat until it ends. */
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
