import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { prepareDataDir } from '../../../config/files/data-dir.ts';
import { parseEntryId } from '../../streams/entry-id.ts';
import { isBlank } from '../blank-vote.ts';
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
import { PackedVotes } from '../packed-votes.ts';
import { checkLimit, isCount, type LogPosition, readCursor, writeCursor } from '../reads/log-cursor.ts';
import { type ReadBounds, ReadDeadline } from '../reads/read-deadline.ts';
import { type LogFilter, matchingVotes } from '../reads/vote-filter.ts';
import { startRetention } from '../retention.ts';
import { whyRefused } from '../why-refused.ts';
import { type EntryRow, packEntries, type ReadRequest, type SqlitePosition } from './sqlite-messages.ts';
import { prepareSqlite } from './sqlite-schema.ts';
import { SqliteThread } from './sqlite-thread.ts';
import { waitWhileBusy } from './sqlite-transaction.ts';

const OPEN_WAIT_MS = 5000;
/** Matching votes per request of a scan. */
const SCAN_AT_ONCE = 2000;
/** Entries per request of a range. */
const RANGE_AT_ONCE = 64;
/** Maximum duration of a read request in milliseconds: readers share one thread. */
const SLICE_MS = 50;

export interface SqliteLogOptions {
  /** The database file, created with its folder if absent. Several processes may have it open. */
  readonly file: string;
  /** Days after which votes are removed; 0: never. Checked once an hour in processes that write. */
  readonly ttlDays: number;
}

/**
 * The embedded vote log: one SQLite file, written and read in separate threads.
 *
 * @throws {ConfigError} if a newer Votewire wrote the file
 * @throws {Error} if it cannot be opened
 */
export function openSqliteLog(options: SqliteLogOptions): LogStore {
  prepareDataDir(dirname(options.file));
  // Opened here once before the threads open it, so that a damaged file stops the start.
  waitWhileBusy(OPEN_WAIT_MS, () => {
    const database = new DatabaseSync(options.file, { timeout: OPEN_WAIT_MS });
    try {
      prepareSqlite(database);
    } finally {
      database.close();
    }
  });
  return new SqliteLog(options);
}

class SqliteLog implements LogStore {
  readonly kind = 'sqlite';
  readonly #writing: SqliteThread;
  /** A separate connection and thread, so that an export does not delay appends. */
  readonly #reading: SqliteThread;
  readonly #ttlDays: number;
  #retention: Disposable | undefined;

  constructor({ file, ttlDays }: SqliteLogOptions) {
    this.#writing = new SqliteThread(file);
    this.#reading = new SqliteThread(file);
    this.#ttlDays = ttlDays;
  }

  async append(entries: readonly LogEntry[]): Promise<AppendOutcome> {
    this.#retention ??= startRetention(this, this.#ttlDays);
    const refused = entries.flatMap((entry) => {
      const reason = whyRefused(entry);
      return reason === undefined ? [] : [{ entry: keyOf(entry), reason }];
    });
    const good = refused.length === 0 ? entries : entries.filter((entry) => whyRefused(entry) === undefined);
    if (good.length === 0) return { stored: 0, repeated: 0, conflicting: [], refused };
    const packed = packEntries(good);
    const answer = await this.#writing.call('append', packed, [packed.votes.buffer]);
    const conflicting = answer.conflicting.flatMap((index) => good[index] ?? []).map(keyOf);
    return { stored: answer.stored, repeated: answer.repeated, conflicting, refused };
  }

  async page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage> {
    checkLimit(query.limit);
    const { limit, cursor, ...filter } = query;
    const start = cursor === undefined ? undefined : readCursor('sqlite', cursor, isSqliteKey);
    const request = {
      filter,
      newestFirst: true,
      from: start?.key,
      ...(start !== undefined && { fromIndex: start.index }),
      belowId: undefined,
      // One more vote than the limit shows that there is a next page.
      votes: limit + 1,
    };
    const found: { readonly vote: LoggedVote; readonly position: LogPosition<SqlitePosition> }[] = [];
    for await (const row of this.#rows(request, new ReadDeadline(bounds))) {
      const end = start !== undefined && row.id === start.key[1] ? start.index : undefined;
      for (const vote of votesOf(row, filter, end).reverse()) {
        found.push({ vote, position: { key: [row.received, row.id], index: vote.index } });
      }
      if (found.length > limit) break;
    }
    const last = found.length > limit ? found[limit - 1] : undefined;
    const items = found.slice(0, limit).map(({ vote }) => vote);
    return { items, next: last === undefined ? null : writeCursor('sqlite', last.position) };
  }

  async *scan(filter: LogFilter, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    const deadline = new ReadDeadline(bounds);
    const { nextId } = await this.#reading.read('totals', null, deadline);
    const request = { filter, newestFirst: false, from: undefined, belowId: nextId, votes: SCAN_AT_ONCE };
    for await (const row of this.#rows(request, deadline)) {
      yield* votesOf(row, filter);
      // Each row is progress, and the consumer of a scan may be slow.
      deadline.restart();
    }
  }

  async *range({ partition, epoch, after, upTo }: EntryRange, bounds?: ReadBounds): AsyncIterable<LoggedVote> {
    const deadline = new ReadDeadline(bounds);
    let position = { after, afterCopy: Number.MAX_SAFE_INTEGER };
    for (;;) {
      deadline.restart();
      const request = { partition, epoch, upTo, ...position, limit: RANGE_AT_ONCE };
      const rows = await this.#reading.read('range', request, deadline);
      for (const row of rows) {
        yield* votesOf(row, {});
        position = { after: parseEntryId(row.entryId) ?? after, afterCopy: row.copy };
      }
      if (rows.length < RANGE_AT_ONCE) return;
    }
  }

  async vote(entry: EntryKey, index: number, bounds?: ReadBounds): Promise<LoggedVote | undefined> {
    const { partition, epoch } = entry;
    const id = parseEntryId(entry.entryId);
    if (id === undefined) return undefined;
    const row = await this.#reading.read('entry', { partition, epoch, ms: id.ms, seq: id.n }, new ReadDeadline(bounds));
    if (row === undefined) return undefined;
    const packed = new PackedVotes(row.votes);
    const found = isCount(index) && index < packed.count ? loggedVote(row, packed, index) : undefined;
    return found === undefined || isBlank(found) ? undefined : found;
  }

  async totals(): Promise<{ entries: number; votes: number }> {
    const { entries, votes } = await this.#reading.read('totals', null, new ReadDeadline());
    return { entries, votes };
  }

  removeOlderThan(time: Date): Promise<number> {
    return untilNone(() => this.#writing.call('removeOlderThan', { before: time.getTime() }));
  }

  removeContest(contest: string, upTo: Date): Promise<number> {
    return untilNone(() => this.#writing.call('removeContest', { contest, upTo: upTo.getTime() }));
  }

  /** Entries with matching votes, read in slices. */
  async *#rows(request: Omit<ReadRequest, 'sliceMs'>, deadline: ReadDeadline): AsyncIterable<EntryRow> {
    let slice: ReadRequest = { ...request, sliceMs: SLICE_MS };
    for (;;) {
      const { rows, next } = await this.#reading.read('read', slice, deadline);
      yield* rows;
      if (next === undefined) return;
      const { fromIndex: _, ...rest } = slice;
      slice = { ...rest, from: next };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retention?.[Symbol.dispose]();
    await Promise.all([this.#writing[Symbol.asyncDispose](), this.#reading[Symbol.asyncDispose]()]);
  }
}

/** Repeats `remove` until it removes nothing; returns the sum. */
async function untilNone(remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const votes = await remove();
    if (votes === 0) return removed;
    removed += votes;
  }
}

function votesOf(row: EntryRow, filter: LogFilter, end?: number): LoggedVote[] {
  const packed = new PackedVotes(row.votes);
  return matchingVotes(packed, filter, end).map((index) => loggedVote(row, packed, index));
}

function loggedVote(row: EntryRow, packed: PackedVotes, index: number): LoggedVote {
  const { partition, epoch, entryId, path, edge } = row;
  const receivedAt = new Date(row.received);
  return { partition, epoch, entryId, index, path, edge, receivedAt, ...packed.vote(index) };
}

function keyOf({ partition, epoch, entryId }: EntryKey): EntryKey {
  return { partition, epoch, entryId };
}

function isSqliteKey(key: readonly unknown[]): key is SqlitePosition {
  const [received, id] = key;
  return key.length === 2 && Number.isSafeInteger(received) && isCount(id);
}
