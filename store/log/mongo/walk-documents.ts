import type { Collection } from 'mongodb';
import type { ReadDeadline } from '../reads/read-deadline.ts';
import type { LogFilter } from '../reads/vote-filter.ts';
import { inTime } from './in-time.ts';
import type { LogDocument } from './mongo-document.ts';
import { toMongoFilter } from './mongo-filter.ts';

/** Documents per query: entries are at most 64 KiB, so this is at most 13 MB. */
export const AT_ONCE = 200;
/** Documents in a page's first query; later ones are larger. An entry may have one vote or hundreds. */
const FIRST_QUERY = 4;

interface Walk {
  readonly filter: LogFilter;
  readonly deadline: ReadDeadline;
  /** 1: oldest first. */
  readonly direction: 1 | -1;
  /** The first value of `order`, inclusive. */
  readonly from?: string | undefined;
  /** The last value of `order`, inclusive. */
  readonly to?: string;
}

/** Documents that may have matching votes. */
export async function* walkDocuments(
  collection: Collection<LogDocument>,
  { filter, deadline, direction, from, to }: Walk,
): AsyncIterable<LogDocument> {
  const ahead = direction === 1 ? '$gt' : '$lt';
  const orders: Record<string, string>[] = [];
  if (from !== undefined) orders.push({ [direction === 1 ? '$gte' : '$lte']: from });
  if (to !== undefined) orders.push({ [direction === 1 ? '$lte' : '$gte']: to });
  // Pages by key instead of a server-side cursor: an export may outlive a cursor, and it survives a restart.
  let next: Record<string, string>[] = orders;
  for (let limit = direction === 1 ? AT_ONCE : FIRST_QUERY; ; limit = Math.min(4 * limit, AT_ONCE)) {
    const query = toMongoFilter(filter, next);
    const documents = await inTime(deadline, (options) =>
      collection.find(query, options).sort({ order: direction }).limit(limit).toArray(),
    );
    yield* documents;
    const last = documents.at(-1);
    if (last === undefined || documents.length < limit) return;
    next = [...orders, { [ahead]: last.order }];
  }
}
