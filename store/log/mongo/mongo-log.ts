import { setTimeout as delay } from 'node:timers/promises';
import { type Collection, type Filter, MongoClient, type MongoClientOptions } from 'mongodb';
import { ConfigError } from '../../../config/config-error.ts';
import { redactPasswords } from '../../../config/secrets/redact-passwords.ts';
import { compareEntryIds, parseEntryId } from '../../streams/entry-id.ts';
import type {
  AppendOutcome,
  EntryKey,
  EntryRange,
  LogEntry,
  LoggedVote,
  LogPage,
  LogQuery,
  LogStore,
} from '../log-store.ts';
import { checkLimit, readCursor, writeCursor } from '../reads/log-cursor.ts';
import { type ReadBounds, ReadDeadline } from '../reads/read-deadline.ts';
import type { LogFilter } from '../reads/vote-filter.ts';
import { startRetention } from '../retention.ts';
import { whyRefused } from '../why-refused.ts';
import { inTime } from './in-time.ts';
import { appendDocuments } from './mongo-append.ts';
import { documentId, type LogDocument, orderAt, toDocument, votesOf, withoutContest } from './mongo-document.ts';
import { isOrder, toMongoFilter } from './mongo-filter.ts';
import { ENTRIES, prepareMongo } from './mongo-schema.ts';

/** Documents per insert or query: entries are at most 64 KiB, so this is at most 13 MB. */
const AT_ONCE = 200;
/** Votes per insert: each is a key in several indexes, and an insert must end well before the socket timeout. */
const VOTES_AT_ONCE = 10_000;
/** Documents of a page's first query; the next ones are larger. An entry may have one vote or hundreds. */
const FIRST_LOOK = 4;
const REMOVED_AT_ONCE = 500;
/** A start waits this long for the log: a frozen server, or an index of a large log, takes longer. */
const START_MS = 3000;
/** An edge's clock may differ from that of Redis by so much. */
const MAX_CLOCK_DIFFERENCE_MS = 3_600_000;

export interface MongoLogOptions {
  /** `mongodb://host[:port][/database]`; the default database is `votewire`. */
  readonly url: string;
  /** Days after which votes are removed; 0: never. */
  readonly ttlDays: number;
}

/**
 * The vote log in MongoDB. If it is unreachable, each call tries again, and later it reconnects by itself.
 *
 * @throws {ConfigError} if the URL has an option that the driver does not accept, or a newer Votewire wrote the log
 */
export async function openMongoLog({ url, ttlDays }: MongoLogOptions): Promise<LogStore> {
  const client = createClient(url, {
    appName: 'votewire',
    serverSelectionTimeoutMS: 2000,
    connectTimeoutMS: 2000,
    // Ends calls to a frozen server, which `timeoutMS` does not.
    socketTimeoutMS: 5000,
    waitQueueTimeoutMS: 2000,
    maxPoolSize: 8,
    // The caller retries; a retry by the driver would only double the time until it learns of the failure.
    retryWrites: false,
    retryReads: false,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5000 },
    ignoreUndefined: true,
  });
  const log = new MongoLog(client, /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(url) ? undefined : 'votewire', ttlDays);
  const error = await Promise.race([log.connect(), delay(START_MS, undefined, { ref: false })]).catch(asError);
  if (!(error instanceof ConfigError)) return log;
  await log[Symbol.asyncDispose]();
  throw error;
}

function asError(error: unknown): unknown {
  return error;
}

function createClient(url: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(url, '(URL)') : String(error);
    throw ConfigError.invalid('MONGODB_URL', redactPasswords(url), `a URL that the MongoDB driver accepts (${reason})`);
  }
}

class MongoLog implements LogStore {
  readonly kind = 'mongodb';
  readonly #client: MongoClient;
  readonly #databaseName: string | undefined;
  readonly #ttlDays: number;
  #ready: Promise<Collection<LogDocument>> | undefined;
  #retention: Disposable | undefined;

  constructor(client: MongoClient, databaseName: string | undefined, ttlDays: number) {
    this.#client = client;
    this.#databaseName = databaseName;
    this.#ttlDays = ttlDays;
  }

  /** @throws {ConfigError} if a newer Votewire wrote the log; any other error if MongoDB is unreachable */
  async connect(): Promise<void> {
    await this.#entries();
  }

  async append(entries: readonly LogEntry[]): Promise<AppendOutcome> {
    const collection = await this.#entries();
    this.#retention ??= startRetention(this, this.#ttlDays);
    let stored = 0;
    let repeated = 0;
    const conflicting: EntryKey[] = [];
    const refused: { entry: EntryKey; reason: string }[] = [];
    for (const part of parts(entries)) {
      const documents: LogDocument[] = [];
      for (const entry of part) {
        const { partition, epoch, entryId } = entry;
        const reason = whyRefused(entry);
        if (reason === undefined) documents.push(toDocument(entry));
        else refused.push({ entry: { partition, epoch, entryId }, reason });
      }
      const outcome = await appendDocuments(collection, documents);
      stored += outcome.stored;
      repeated += outcome.repeated;
      conflicting.push(...outcome.conflicting);
      refused.push(...outcome.refused);
    }
    return { stored, repeated, conflicting, refused };
  }

  async page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage> {
    checkLimit(query.limit);
    const { limit, cursor, ...filter } = query;
    const start = cursor === undefined ? undefined : readCursor('mongodb', cursor, isOrder);
    const found: { vote: LoggedVote; order: string }[] = [];
    for await (const document of this.#walk(filter, new ReadDeadline(bounds), -1, start?.key[0])) {
      const end = document.order === start?.key[0] ? start.index : Number.POSITIVE_INFINITY;
      for (const vote of votesOf(document, filter).reverse()) {
        if (vote.index < end) found.push({ vote, order: document.order });
      }
      // One more than the limit shows that there is a next page.
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
    // Without this bound a scan would never catch up with arriving votes.
    if (newest === undefined) return;
    for await (const document of this.#walk(filter, deadline, 1, undefined, newest.order)) {
      yield* votesOf(document, filter);
      // The reader of a scan takes its time, and each document is progress.
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
    // As text, ids are in order of their milliseconds, which have 13 digits until the year 2286, and not within one.
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

  async removeOlderThan(time: Date): Promise<number> {
    const collection = await this.#entries();
    const older = { order: { $lt: orderAt(time.getTime()) } };
    let removed = 0;
    for (;;) {
      // In batches of ids: one delete of everything would exceed the socket timeout.
      const some = await collection
        .find(older, { projection: { count: 1 } })
        .sort({ order: 1 })
        .limit(REMOVED_AT_ONCE)
        .toArray();
      if (some.length === 0) return removed;
      await collection.deleteMany({ _id: { $in: some.map((document) => document._id) } });
      removed += some.reduce((votes, document) => votes + document.count, 0);
    }
  }

  async removeContest(contest: string, upTo: Date): Promise<number> {
    const collection = await this.#entries();
    // Edges and Redis have clocks of their own: the order narrows, and the entry's id decides.
    const end = orderAt(upTo.getTime() + MAX_CLOCK_DIFFERENCE_MS);
    const deadline = new ReadDeadline();
    let removed = 0;
    for await (const document of this.#walk({ contest }, deadline, 1, undefined, end)) {
      // Each document is progress.
      deadline.restart();
      const votes = withoutContest(document, contest);
      if (votes === undefined || (parseEntryId(document.entryId)?.ms ?? 0) > upTo.getTime()) continue;
      await collection.updateOne({ _id: { $eq: document._id } }, { $set: { votes } });
      removed += document.votes.filter((vote) => vote.contest === contest).length;
    }
    return removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retention?.[Symbol.dispose]();
    await this.#client.close();
  }

  /** Documents that may have matching votes, between two values of `order`, both inclusive. */
  async *#walk(
    filter: LogFilter,
    deadline: ReadDeadline,
    direction: 1 | -1,
    from?: string,
    to?: string,
  ): AsyncIterable<LogDocument> {
    const collection = await this.#entries();
    const ahead = direction === 1 ? '$gt' : '$lt';
    const orders: Record<string, string>[] = [];
    if (from !== undefined) orders.push({ [direction === 1 ? '$gte' : '$lte']: from });
    if (to !== undefined) orders.push({ [direction === 1 ? '$lte' : '$gte']: to });
    // By keys instead of a server-side cursor: an export may take longer than a cursor lives, and survives a restart.
    let next: Record<string, string>[] = orders;
    for (let look = direction === 1 ? AT_ONCE : FIRST_LOOK; ; look = Math.min(4 * look, AT_ONCE)) {
      const query = toMongoFilter(filter, next);
      const documents = await inTime(deadline, (options) =>
        collection.find(query, options).sort({ order: direction }).limit(look).toArray(),
      );
      yield* documents;
      const last = documents.at(-1);
      if (last === undefined || documents.length < look) return;
      next = [...orders, { [ahead]: last.order }];
    }
  }

  #entries(): Promise<Collection<LogDocument>> {
    if (this.#ready === undefined) {
      this.#ready = this.#open();
      // Unreachable: the next call tries again.
      this.#ready.catch(() => {
        this.#ready = undefined;
      });
    }
    return this.#ready;
  }

  async #open(): Promise<Collection<LogDocument>> {
    await this.#client.connect();
    const database = this.#client.db(this.#databaseName);
    await prepareMongo(database, this.#ttlDays);
    return database.collection<LogDocument>(ENTRIES);
  }
}

/** Splits entries into inserts. */
function* parts(entries: readonly LogEntry[]): Generator<readonly LogEntry[]> {
  let start = 0;
  let votes = 0;
  for (const [index, entry] of entries.entries()) {
    if (index > start && (index - start === AT_ONCE || votes + entry.votes.length > VOTES_AT_ONCE)) {
      yield entries.slice(start, index);
      start = index;
      votes = 0;
    }
    votes += entry.votes.length;
  }
  if (start < entries.length) yield entries.slice(start);
}
