import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '../redis/redis.ts';
import { flatToRecord } from '../redis/redis-reply.ts';
import { parseEntryId } from '../streams/entry-id.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../streams/keys.ts';

const POLL_MS = 50;

/** Up to where both groups are done with a partition: an entry id; empty where later entries change nothing. */
export type RestingPlace = string;

/**
 * Waits until the tally and the log have done the same entries of every partition, so that they can be compared. In a
 * closed contest both must only be past its close.
 *
 * @param closesAt milliseconds since 1970 where the contest is closed by now
 * @throws {Error} where that did not happen within `waitMs`
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
        `Partition ${moving} does not come to rest: votes keep coming in, or a consumer of its tally or log is away. ` +
          'Close the contest, or see that consumers run, and try again.',
      );
    }
    await delay(POLL_MS);
  }
}

async function restOf(redis: Redis, partition: number, closesAt: number | undefined): Promise<string | undefined> {
  const stream = streamKey(partition);
  const rows = await redis.send<(string | number)[][]>(stream, ['XINFO', 'GROUPS', stream]);
  const groups = rows.map(flatToRecord).filter(({ name }) => name === TALLY_GROUP || name === LOG_GROUP);
  if (groups.length !== 2) return undefined;
  if (closesAt !== undefined) {
    const past = await Promise.all(groups.map((group) => isPast(redis, stream, { group, closesAt })));
    if (past.every(Boolean)) return '';
  }
  const ids = new Set(groups.map((group) => String(group['last-delivered-id'])));
  const [id] = ids;
  if (ids.size > 1 || groups.some(({ pending }) => pending !== 0)) return undefined;
  // The close alone is no reason: votes from before it may wait in the stream, handed to nobody yet.
  return id;
}

/** True where the group has done all entries up to the close. */
async function isPast(
  redis: Redis,
  stream: string,
  { group, closesAt }: { group: Record<string, string | number>; closesAt: number },
): Promise<boolean> {
  const isLater = (id: unknown) => (parseEntryId(String(id))?.ms ?? 0) > closesAt;
  if (!isLater(group['last-delivered-id'])) return false;
  const [pending, first] = await redis.send<[number, string | null]>(stream, ['XPENDING', stream, String(group.name)]);
  return pending === 0 || isLater(first);
}
