import type { Redis } from '../redis/redis.ts';
import { nullable, parseInteger, parseText, tupleOf } from '../redis/replies.ts';
import { compareEntryIds, type EntryId, parseEntryId } from '../streams/entry-id.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../streams/keys.ts';
import { type GroupInfo, readGroups } from '../streams/stream-info.ts';

/** The progress of a partition's groups. */
export interface GroupProgress {
  /** Both groups have handled all entries up to this id. */
  readonly both: EntryId;
  /** Group `log` has handled all entries up to this id. */
  readonly log: EntryId;
  /** The last entry that was delivered to group `tally`. */
  readonly tallyDelivered: EntryId;
}

const NONE: EntryId = { ms: 0, n: 0 };

export async function readGroupProgress(redis: Redis, partition: number): Promise<GroupProgress> {
  const stream = streamKey(partition);
  const groups = await readGroups(redis, stream);
  const progressOf = async (name: string) => {
    const group = groups.find((each) => each.name === name);
    return group === undefined ? NONE : await handledUpTo(redis, stream, group);
  };
  const [tally, log] = await Promise.all([progressOf(TALLY_GROUP), progressOf(LOG_GROUP)]);
  const delivered = groups.find(({ name }) => name === TALLY_GROUP)?.lastDeliveredId ?? '';
  return {
    both: compareEntryIds(tally, log) < 0 ? tally : log,
    log,
    tallyDelivered: parseEntryId(delivered) ?? NONE,
  };
}

async function handledUpTo(redis: Redis, stream: string, group: GroupInfo): Promise<EntryId> {
  const last = parseEntryId(group.lastDeliveredId) ?? NONE;
  if (group.pending === 0) return last;
  const parse = tupleOf(parseInteger, nullable(parseText));
  const [, first] = await redis.send(stream, ['XPENDING', stream, group.name], parse);
  const pending = first === null ? undefined : parseEntryId(first);
  if (pending === undefined) return last;
  // The preceding id: within a millisecond, ids start at 0.
  return pending.n > 0 ? { ms: pending.ms, n: pending.n - 1 } : { ms: pending.ms - 1, n: Number.MAX_SAFE_INTEGER };
}
