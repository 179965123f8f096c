import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { LOG_GROUP, ledgerKey, streamKey, TALLY_GROUP } from './keys.ts';

const acknowledgeScript = new LuaScript(new URL('./acknowledge.lua', import.meta.url));
const trimScript = new LuaScript(new URL('./trim.lua', import.meta.url));
const removeConsumerScript = new LuaScript(new URL('./remove-consumer.lua', import.meta.url));

/** Entries that a group has handled. `column` is the ledger's column for entries; votes go to `<column>-votes`. */
export interface DoneEntries {
  readonly partition: number;
  readonly group: string;
  readonly column: 'logged' | 'passed-tally' | 'passed-log';
  readonly entries: readonly { readonly id: string; readonly votes: number }[];
}

/** Acknowledges entries and adds each to the ledger once. Returns the number of entries that were pending. */
export function acknowledge(redis: Redis, { partition, group, column, entries }: DoneEntries): Promise<number> {
  const pairs = entries.flatMap(({ id, votes }) => [id, `${votes}`]);
  return acknowledgeScript.run(
    redis,
    [streamKey(partition), ledgerKey(partition)],
    [group, column, ...pairs],
    parseInteger,
  );
}

/**
 * Removes entries older than `keepMs` that both groups have handled. Returns their number; -1 if a group is missing.
 */
export function trim(redis: Redis, partition: number, keepMs: number): Promise<number> {
  const keys = [streamKey(partition), ledgerKey(partition)];
  return trimScript.run(redis, keys, [`${keepMs}`, TALLY_GROUP, LOG_GROUP], parseInteger);
}

/** Removes a dead consumer, unless entries are pending for it. */
export async function removeConsumer(
  redis: Redis,
  partition: number,
  group: string,
  consumer: string,
): Promise<boolean> {
  return (await removeConsumerScript.run(redis, [streamKey(partition)], [group, consumer], parseInteger)) === 1;
}
