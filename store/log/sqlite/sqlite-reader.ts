import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { PackedVotes, VOTER_KEY_BYTES } from '../packed-votes.ts';
import { entryMatches, type LogFilter, matchingVotes } from '../reads/vote-filter.ts';
import {
  type EntryRow,
  type RangeRequest,
  type ReadAnswer,
  type ReadRequest,
  type SqliteCalls,
  type SqlitePosition,
  STORED_PATHS,
} from './sqlite-messages.ts';
import { bucketOf, entriesInBucket, segmentOf, VOTES_PER_SEGMENT } from './voter-segments.ts';

/** Entries per index lookup and between two checks of the clock. */
const ENTRIES_PER_QUERY = 64;
const MAX = Number.MAX_SAFE_INTEGER;

/** Reads entries in order of receipt. Runs in the thread of sqlite-worker.ts. */
export class SqliteReader {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  /** Reads entries with matching votes from a position on, until enough votes match or the time is up. */
  read(request: ReadRequest): ReadAnswer {
    const { filter, belowId = MAX } = request;
    const endsAt = performance.now() + request.sliceMs;
    const rows: EntryRow[] = [];
    let votes = 0;
    let examined = 0;
    for (const position of this.#positions(request)) {
      // Checked only after the first entry, so that each request makes progress.
      if (votes >= request.votes || (++examined % ENTRIES_PER_QUERY === 0 && performance.now() > endsAt)) {
        return { rows, next: position };
      }
      const [, id] = position;
      if (id >= belowId) continue;
      // Undefined if retention has removed it in the meantime.
      const row = this.#row(this.#sql.entryById.get(id));
      if (row === undefined || !entryMatches(row, filter)) continue;
      const end = id === request.from?.[1] ? request.fromIndex : undefined;
      const matching = matchingVotes(new PackedVotes(row.votes), filter, end).length;
      if (matching === 0) continue;
      rows.push(row);
      votes += matching;
    }
    return { rows, next: undefined };
  }

  entry(key: SqliteCalls['entry']['ask']): EntryRow | undefined {
    return this.#row(this.#sql.entryByKey.get(key.partition, key.epoch, key.ms, key.seq));
  }

  range({ partition, epoch, after, upTo, afterCopy, limit }: RangeRequest): EntryRow[] {
    const rows = this.#sql.range.all(partition, epoch, after.ms, after.n, afterCopy, upTo.ms, upTo.n, limit);
    return rows.flatMap((row) => this.#row(row) ?? []);
  }

  totals(): SqliteCalls['totals']['answer'] {
    const row = this.#sql.totals.get() ?? {};
    return { entries: Number(row.entries), votes: Number(row.votes), nextId: Number(row.next_id) };
  }

  #row(row: Record<string, unknown> | undefined): EntryRow | undefined {
    if (row === undefined) return undefined;
    return {
      id: Number(row.id),
      copy: Number(row.copy),
      partition: Number(row.partition),
      epoch: String(row.epoch),
      entryId: `${row.ms}-${row.seq}`,
      path: STORED_PATHS[Number(row.path)] ?? 'http',
      edge: String(row.edge),
      received: Number(row.received),
      votes: row.votes as Uint8Array,
    };
  }

  /** Positions of entries that may match, in order and without duplicates. */
  *#positions(request: ReadRequest): Iterable<SqlitePosition> {
    const sign = request.newestFirst ? -1 : 1;
    const order = (a: SqlitePosition, b: SqlitePosition) => sign * (a[0] - b[0] || a[1] - b[1]);
    const sources = this.#sources(request, order).map((source) => source[Symbol.iterator]());
    const heads = sources.map((source) => source.next());
    let last: SqlitePosition | undefined;
    for (;;) {
      let first = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done) continue;
        const best = heads[first];
        if (best === undefined || best.done || order(head.value, best.value) < 0) first = index;
      }
      const head = heads[first];
      const source = sources[first];
      if (head === undefined || head.done || source === undefined) return;
      heads[first] = source.next();
      // An entry is listed under each of its contests and choices.
      if (last === undefined || order(last, head.value) !== 0) yield head.value;
      last = head.value;
    }
  }

  /** The shortest sorted lists that together contain all entries that may match. */
  #sources(request: ReadRequest, order: (a: SqlitePosition, b: SqlitePosition) => number): Iterable<SqlitePosition>[] {
    const { filter } = request;
    if (filter.voter !== undefined) {
      const from = request.from;
      const all = this.#entriesOfVoter(filter.voter).sort(order);
      return [from === undefined ? all : all.filter((position) => order(position, from) >= 0)];
    }
    const direction = request.newestFirst ? 'newestFirst' : 'oldestFirst';
    if (filter.contest !== undefined || filter.choice !== undefined) {
      const path = filter.path === undefined ? null : STORED_PATHS.indexOf(filter.path);
      const pairs = this.#sql.pairs.all(filter.contest ?? null, filter.choice ?? null, path);
      return pairs.map((pair) => walk(this.#sql.byPair[direction], Number(pair.id), request));
    }
    const paths = STORED_PATHS.filter((path) => filter.path === undefined || path === filter.path);
    return paths.map((path) => walk(this.#sql.byPath[direction], STORED_PATHS.indexOf(path), request));
  }

  #entriesOfVoter(voter: Uint8Array): SqlitePosition[] {
    if (voter.length !== VOTER_KEY_BYTES) return [];
    const { first, sealed } = this.#sql.voterIndex.get() ?? {};
    const found = new Map<number, SqlitePosition>();
    const prefix = Buffer.from(voter).readUInt32LE(0);
    for (let segment = segmentOf(Number(first ?? 0)); segment < Number(sealed); segment++) {
      const row = this.#sql.bucket.get(segment, bucketOf(prefix));
      if (row === undefined) continue;
      for (const id of entriesInBucket(segment, row.voters as Uint8Array, prefix)) {
        const entry = this.#sql.received.get(id);
        if (entry !== undefined) found.set(id, [Number(entry.received), id]);
      }
    }
    for (const row of this.#sql.unsealed.iterate(Number(sealed) * VOTES_PER_SEGMENT)) {
      const id = Number(row.id);
      if (matchingVotes(new PackedVotes(row.votes as Uint8Array), { voter }).length > 0)
        found.set(id, [Number(row.received), id]);
    }
    return [...found.values()];
  }
}

/** Walks one index from the start position, ENTRIES_PER_QUERY entries per query. */
function* walk(statement: StatementSync, value: number, request: ReadRequest): Iterable<SqlitePosition> {
  const { newestFirst } = request;
  let [received, id] = startOf(request);
  const end = newestFirst ? bound(request.filter.since, -MAX) : bound(request.filter.until, MAX);
  for (;;) {
    const rows = statement.all(value, received, id, end, ENTRIES_PER_QUERY);
    for (const row of rows) {
      received = Number(row.received);
      id = Number(row.id);
      yield [received, id];
    }
    if (rows.length < ENTRIES_PER_QUERY) return;
    id += newestFirst ? -1 : 1;
  }
}

function startOf({ newestFirst, filter, from }: ReadRequest): SqlitePosition {
  const edge: SqlitePosition = newestFirst ? [bound(filter.until, MAX) - 1, MAX] : [bound(filter.since, -MAX), 0];
  if (from === undefined) return edge;
  const fromIsInside = newestFirst ? from[0] <= edge[0] : from[0] >= edge[0];
  return fromIsInside ? from : edge;
}

function bound(time: LogFilter['since'], none: number): number {
  return time?.getTime() ?? none;
}

function statements(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  const entry = `SELECT entries.*, partition, epoch FROM entries JOIN streams ON streams.id = entries.stream`;
  const both = (select: (compare: string, end: string, direction: string) => string) => ({
    newestFirst: sql(select('<=', '>=', 'DESC')),
    oldestFirst: sql(select('>=', '<', 'ASC')),
  });
  return {
    entryById: sql(`${entry} WHERE entries.id = ?`),
    entryByKey: sql(`${entry} WHERE partition = ? AND epoch = ? AND ms = ? AND seq = ? AND copy = 0`),
    totals: sql('SELECT * FROM totals'),
    range: sql(
      `${entry} WHERE stream = (SELECT id FROM streams WHERE partition = ? AND epoch = ?)
       AND (ms, seq, copy) > (?, ?, ?) AND (ms, seq) <= (?, ?) ORDER BY ms, seq, copy LIMIT ?`,
    ),
    voterIndex: sql('SELECT (SELECT min(id) FROM entries) AS first, sealed FROM totals'),
    bucket: sql('SELECT voters FROM voter_segments WHERE segment = ? AND bucket = ?'),
    received: sql('SELECT received FROM entries WHERE id = ?'),
    unsealed: sql('SELECT id, received, votes FROM entries WHERE id >= ?'),
    pairs: sql(
      `SELECT id FROM pairs
       WHERE (?1 IS NULL OR contest = ?1) AND (?2 IS NULL OR choice = ?2) AND (?3 IS NULL OR path = ?3)`,
    ),
    byPair: both(
      (compare, end, direction) =>
        `SELECT received, entry AS id FROM entries_by_pair
         WHERE pair = ? AND (received, entry) ${compare} (?, ?) AND received ${end} ?
         ORDER BY received ${direction}, entry ${direction} LIMIT ?`,
    ),
    byPath: both(
      (compare, end, direction) =>
        `SELECT received, id FROM entries
         WHERE path = ? AND (received, id) ${compare} (?, ?) AND received ${end} ?
         ORDER BY received ${direction}, id ${direction} LIMIT ?`,
    ),
  };
}
