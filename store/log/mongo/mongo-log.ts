import { setTimeout as delay } from 'node:timers/promises';
import { type Collection, MongoClient, type MongoClientOptions } from 'mongodb';
import { ConfigError } from '../../../config/config-error.ts';
import { redactPasswords } from '../../../config/secrets/redact-passwords.ts';
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
import type { ReadBounds } from '../reads/read-deadline.ts';
import type { LogFilter } from '../reads/vote-filter.ts';
import { startRetention } from '../retention.ts';
import { appendEntries } from './append-entries.ts';
import type { LogDocument } from './mongo-document.ts';
import { MongoReader } from './mongo-reader.ts';
import { removeContest, removeOlderThan } from './mongo-removal.ts';
import { ENTRIES, prepareMongo } from './mongo-schema.ts';

/** A process waits at most this long for the log at its start; a frozen server or a new index may take longer. */
const START_MS = 3000;

export interface MongoLogOptions {
  /** `mongodb://host[:port][/database]`; the default database is `votewire`. */
  readonly url: string;
  /** Days after which votes are removed; 0: never. */
  readonly ttlDays: number;
}

/**
 * The vote log in MongoDB. While it is unreachable, each call tries to connect; after a lost connection, the driver
 * reconnects.
 *
 * @throws {ConfigError} if the URL has an option that the driver does not accept, or a newer Votewire wrote the log
 */
export async function openMongoLog({ url, ttlDays }: MongoLogOptions): Promise<LogStore> {
  const client = createClient(url, {
    appName: 'votewire',
    serverSelectionTimeoutMS: 2000,
    connectTimeoutMS: 2000,
    // Aborts calls to a frozen server, which `timeoutMS` does not do.
    socketTimeoutMS: 5000,
    waitQueueTimeoutMS: 2000,
    maxPoolSize: 8,
    // The caller retries; a retry by the driver would only double the time until the caller sees the failure.
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
  readonly #reader = new MongoReader(() => this.#entries());
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
    return await appendEntries(collection, entries);
  }

  page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage> {
    return this.#reader.page(query, bounds);
  }

  scan(filter: LogFilter, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    return this.#reader.scan(filter, bounds);
  }

  range(range: EntryRange, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    return this.#reader.range(range, bounds);
  }

  vote(entry: EntryKey, index: number, bounds?: ReadBounds): Promise<LoggedVote | undefined> {
    return this.#reader.vote(entry, index, bounds);
  }

  totals(): Promise<{ entries: number; votes: number }> {
    return this.#reader.totals();
  }

  async removeOlderThan(time: Date): Promise<number> {
    return await removeOlderThan(await this.#entries(), time);
  }

  async removeContest(contest: string, upTo: Date): Promise<number> {
    return await removeContest(await this.#entries(), contest, upTo);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retention?.[Symbol.dispose]();
    await this.#client.close();
  }

  #entries(): Promise<Collection<LogDocument>> {
    if (this.#ready === undefined) {
      this.#ready = this.#open();
      // MongoDB is unreachable; the next call tries again.
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
