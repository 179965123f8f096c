import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseInteger, parseText, tupleOf } from '../redis/replies.ts';
import { parseEntryId } from '../streams/entry-id.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../streams/keys.ts';
import { type GroupInfo, readGroups } from '../streams/stream-info.ts';

const POLL_MS = 50;

/** The entry id up to which both groups have handled a partition; empty if later entries cannot change the count. */
export type RestingPlace = string;

/**
 * Waits until the tally and the log have handled the same entries of every partition, so that they can be compared. In a
 * closed contest both only have to be past its close.
 *
 * @param closesAt milliseconds since 1970 if the contest is closed
 * @throws {Error} if that does not happen within `waitMs`
 */
export async function waitForRest(
  redis: Redis,
  partitions: number,
  { closesAt, waitMs }: { closesAt: number | undefined; waitMs: number },
): Promise<RestingPlace[]> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const places = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => restOf(redis, partition, closesAt)),
    );
    const moving = places.indexOf(undefined);
    if (moving === -1) return places.filter((place) => place !== undefined);
    if (performance.now() > deadline) {
      throw new Error(
        `Partition ${moving} did not come to rest within ${waitMs} ms: votes keep arriving, or no consumer runs for its ` +
          'tally or log. Close the contest, or start consumers, and try again.',
      );
    }
    await delay(POLL_MS);
  }
}

async function restOf(redis: Redis, partition: number, closesAt: number | undefined): Promise<string | undefined> {
  const stream = streamKey(partition);
  const groups = (await readGroups(redis, stream)).filter(({ name }) => name === TALLY_GROUP || name === LOG_GROUP);
  if (groups.length !== 2) return undefined;
  if (closesAt !== undefined) {
    const past = await Promise.all(groups.map((group) => isPast(redis, stream, { group, closesAt })));
    if (past.every(Boolean)) return '';
  }
  const ids = new Set(groups.map(({ lastDeliveredId }) => lastDeliveredId));
  const [id] = ids;
  if (ids.size > 1 || groups.some(({ pending }) => pending !== 0)) return undefined;
  // A passed close alone is not enough: earlier votes may still wait in the stream undelivered.
  return id;
}

/** True once the group has handled every entry up to the close. */
async function isPast(
  redis: Redis,
  stream: string,
  { group, closesAt }: { group: GroupInfo; closesAt: number },
): Promise<boolean> {
  const isLater = (id: string) => (parseEntryId(id)?.ms ?? 0) > closesAt;
  if (!isLater(group.lastDeliveredId)) return false;
  const parse = tupleOf(parseInteger, nullable(parseText));
  const [pending, first] = await redis.send(stream, ['XPENDING', stream, group.name], parse);
  return pending === 0 || isLater(first ?? '');
}
