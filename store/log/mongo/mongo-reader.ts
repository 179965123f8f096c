import type { Collection, Filter } from 'mongodb';
import { compareEntryIds, parseEntryId } from '../../streams/entry-id.ts';
import type { EntryKey, EntryRange, LoggedVote, LogPage, LogQuery } from '../log-store.ts';
import { checkLimit, readCursor, writeCursor } from '../reads/log-cursor.ts';
import { type ReadBounds, ReadDeadline } from '../reads/read-deadline.ts';
import type { LogFilter } from '../reads/vote-filter.ts';
import { inTime } from './in-time.ts';
import { documentId, type LogDocument, votesOf } from './mongo-document.ts';
import { isOrder } from './mongo-filter.ts';
import { AT_ONCE, walkDocuments } from './walk-documents.ts';

/** The reads of a log in MongoDB, as `LogStore` describes them. */
export class MongoReader {
  readonly #entries: () => Promise<Collection<LogDocument>>;

  constructor(entries: () => Promise<Collection<LogDocument>>) {
    this.#entries = entries;
  }

  async page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage> {
    checkLimit(query.limit);
    const deadline = new ReadDeadline(bounds);
    const { limit, cursor, ...filter } = query;
    const start = cursor === undefined ? undefined : readCursor('mongodb', cursor, isOrder);
    const from = start?.key[0];
    const collection = await this.#entries();
    const found: { vote: LoggedVote; order: string }[] = [];
    for await (const document of walkDocuments(collection, { filter, deadline, direction: -1, from })) {
      const end = document.order === start?.key[0] ? start.index : Number.POSITIVE_INFINITY;
      for (const vote of votesOf(document, filter).reverse()) {
        if (vote.index < end) found.push({ vote, order: document.order });
      }
      // One more vote than the limit shows that there is a next page.
      if (found.length > limit) break;
    }
    const items = found.slice(0, limit).map(({ vote }) => vote);
    const last = found.length > limit ? found[limit - 1] : undefined;
    const next = last === undefined ? null : writeCursor('mongodb', { key: [last.order], index: last.vote.index });
    return { items, next };
  }

  async *scan(filter: LogFilter, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    const collection = await this.#entries();
    const deadline = new ReadDeadline(bounds);
    const [newest] = await inTime(deadline, (options) =>
      collection
        .find({}, { ...options, projection: { order: 1 } })
        .sort({ order: -1 })
        .limit(1)
        .toArray(),
    );
    // Without this bound, a scan might never catch up with new votes.
    if (newest === undefined) return;
    for await (const document of walkDocuments(collection, { filter, deadline, direction: 1, to: newest.order })) {
      yield* votesOf(document, filter);
      // Each document is progress, and the consumer of a scan may be slow.
      deadline.restart();
    }
  }

  async *range({ partition, epoch, after, upTo }: EntryRange, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    const collection = await this.#entries();
    const deadline = new ReadDeadline(bounds);
    const isInside = (entryId: string) => {
      const id = parseEntryId(entryId);
      return id !== undefined && compareEntryIds(id, after) > 0 && compareEntryIds(id, upTo) <= 0;
    };
    // As text, ids sort by milliseconds, which have 13 digits until the year 2286, but not within a millisecond.
    const prefix = `p${partition}:${epoch}:`;
    let from: { $gte: string } | { $gt: string } = { $gte: `${prefix}${after.ms}-` };
    for (;;) {
      const filter: Filter<LogDocument> = { _id: { ...from, $lt: `${prefix}${upTo.ms}.` } };
      deadline.restart();
      const documents = await inTime(deadline, (options) =>
        collection.find(filter, options).sort({ _id: 1 }).limit(AT_ONCE).toArray(),
      );
      for (const document of documents) if (isInside(document.entryId)) yield* votesOf(document, {});
      const last = documents.at(-1);
      if (last === undefined || documents.length < AT_ONCE) return;
      from = { $gt: last._id };
    }
  }

  async vote(entry: EntryKey, index: number, bounds?: ReadBounds): Promise<LoggedVote | undefined> {
    const collection = await this.#entries();
    const document = await inTime(new ReadDeadline(bounds), (options) =>
      collection.findOne({ _id: { $eq: documentId(entry) } }, options),
    );
    return document === null ? undefined : votesOf(document, {}).find((vote) => vote.index === index);
  }

  async totals(): Promise<{ entries: number; votes: number }> {
    const collection = await this.#entries();
    const sum = { $group: { _id: null, entries: { $sum: 1 }, votes: { $sum: '$count' } } };
    const [totals] = await inTime(new ReadDeadline(), (options) =>
      collection.aggregate<{ entries: number; votes: number }>([sum], options).toArray(),
    );
    return { entries: totals?.entries ?? 0, votes: totals?.votes ?? 0 };
  }
}
