import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BLANK_VOTE, isBlank } from '../blank-vote.ts';
import { PackedVotes, VotePacker, type VotePair } from '../packed-votes.ts';
import type { AppendAnswer, PackedEntries } from './sqlite-messages.ts';
import { SqliteTransactions } from './sqlite-transaction.ts';
import { segmentOf, VoterSegments } from './voter-segments.ts';

/** Maximum wait for other writing processes; the caller repeats a rejected write. */
const LOCK_WAIT_MS = 4000;
/** Entries removed per transaction; few, so that appends are not delayed. */
const REMOVED_AT_ONCE = 50;
/** Maximum difference between the clocks of an edge and Redis. */
const MAX_CLOCK_DIFFERENCE_MS = 3_600_000;

/** Writes entries and their index rows, one transaction per call. Runs in the thread of sqlite-worker.ts. */
export class SqliteWriter {
  readonly #transactions: SqliteTransactions;
  readonly #sql: ReturnType<typeof statements>;
  readonly #voters: VoterSegments;
  /** Cached row ids of streams and pairs. */
  readonly #streams = new Map<string, number>();
  readonly #pairs = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#transactions = new SqliteTransactions(database, LOCK_WAIT_MS);
    this.#sql = statements(database);
    this.#voters = new VoterSegments(database);
  }

  /** Appends the entries of several callers in one transaction; returns one answer per caller. */
  append(batches: readonly PackedEntries[]): AppendAnswer[] {
    return this.#write(() => {
      const before = this.#sql.totals.get() ?? {};
      const next = { id: Number(before.next_id), entries: 0, votes: 0 };
      const answers = batches.map((batch) => this.#appendBatch(batch, next));
      if (next.entries > 0) this.#sql.addTotals.run(next.id, next.entries, next.votes);
      this.#voters.seal(Number(before.sealed), next.id);
      return answers;
    });
  }

  /** Removes entries received before `before`; returns the number of removed votes, 0 if there are no more. */
  removeSome(before: number): number {
    return this.#write(() => {
      const rows = this.#sql.olderThan.all(before, REMOVED_AT_ONCE);
      let votes = 0;
      for (const row of rows) {
        const entry = { id: Number(row.id), received: Number(row.received) };
        const packed = new PackedVotes(row.votes as Uint8Array);
        for (const pair of packed.pairs.filter((each) => !isBlank(each))) {
          this.#sql.removePair.run(this.#pair(pair, Number(row.path)), entry.received, entry.id);
        }
        this.#sql.removeEntry.run(entry.id);
        votes += packed.count;
      }
      if (rows.length > 0) {
        const next = Number(this.#sql.totals.get()?.next_id);
        this.#sql.addTotals.run(next, -rows.length, -votes);
        this.#voters.removeBelow(Number(this.#sql.firstId.get()?.id ?? next));
      }
      return votes;
    });
  }

  /** Blanks a contest's votes in some entries up to `upTo`; returns the number of votes, 0 if there are no more. */
  removeContest(contest: string, upTo: number): number {
    return this.#write(() => {
      // The clocks of edges and Redis may differ: the index range is approximate, and the entry's id decides.
      const rows = this.#sql.ofContest.all(contest, upTo + MAX_CLOCK_DIFFERENCE_MS, upTo, REMOVED_AT_ONCE);
      const segments = new Set<number>();
      let removed = 0;
      for (const row of rows) {
        const [id, received] = [Number(row.id), Number(row.received)];
        const packed = new PackedVotes(row.votes as Uint8Array);
        const packer = new VotePacker((row.votes as Uint8Array).length);
        const votes = Array.from({ length: packed.count }, (_, index) => packed.vote(index));
        packer.add(votes.map((vote) => (vote.contest === contest ? BLANK_VOTE : vote)));
        this.#sql.setVotes.run(packer.finish(), id);
        removed += votes.filter((vote) => vote.contest === contest).length;
        for (const pair of packed.pairs) {
          if (pair.contest === contest) this.#sql.removePair.run(this.#pair(pair, Number(row.path)), received, id);
        }
        segments.add(segmentOf(id));
      }
      const sealed = Number(this.#sql.totals.get()?.sealed);
      for (const segment of segments) if (segment < sealed) this.#voters.sealAgain(segment);
      return removed;
    });
  }

  #appendBatch(batch: PackedEntries, next: { id: number; entries: number; votes: number }): AppendAnswer {
    const conflicting: number[] = [];
    let repeated = 0;
    let start = 0;
    for (const [index, end] of batch.ends.entries()) {
      const packed = batch.votes.subarray(start, end);
      start = end;
      const stored = this.#appendEntry(batch, index, { id: next.id, packed });
      if (stored === 'repeated') {
        repeated++;
        continue;
      }
      if (stored === 'conflicting') conflicting.push(index);
      const count = batch.count[index] ?? 0;
      // An entry without votes uses an id as well.
      next.id += Math.max(count, 1);
      next.entries++;
      next.votes += count;
    }
    return { stored: batch.ends.length - repeated - conflicting.length, repeated, conflicting };
  }

  #appendEntry(
    batch: PackedEntries,
    index: number,
    entry: { id: number; packed: Uint8Array },
  ): 'stored' | 'repeated' | 'conflicting' {
    const hash = batch.hashes.subarray(index * 32, index * 32 + 32);
    const stream = this.#stream(batch.partition[index] ?? 0, batch.epoch[index] ?? '');
    const received = batch.received[index] ?? 0;
    const key = [stream, batch.ms[index] ?? 0, batch.seq[index] ?? 0] as const;
    const rest = [
      batch.path[index] ?? 0,
      received,
      batch.count[index] ?? 0,
      batch.edge[index] ?? '',
      hash,
      entry.packed,
    ] as const;
    let outcome: 'stored' | 'conflicting' = 'stored';
    if (this.#sql.insertEntry.run(entry.id, ...key, 0, ...rest).changes === 0) {
      const copies = this.#sql.hashes.all(...key);
      if (copies.some((copy) => Buffer.compare(copy.hash as Uint8Array, hash) === 0)) return 'repeated';
      this.#sql.insertEntry.run(entry.id, ...key, copies.length, ...rest);
      outcome = 'conflicting';
    }
    const packed = new PackedVotes(entry.packed);
    const path = batch.path[index] ?? 0;
    for (const pair of packed.pairs) this.#sql.insertPair.run(this.#pair(pair, path), received, entry.id);
    return outcome;
  }

  #stream(partition: number, epoch: string): number {
    const name = `${partition} ${epoch}`;
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    this.#sql.insertStream.run(partition, epoch);
    const id = Number(this.#sql.stream.get(partition, epoch)?.id);
    this.#streams.set(name, id);
    return id;
  }

  #pair({ contest, choice }: VotePair, path: number): number {
    // Ids of contests and choices contain no spaces.
    const name = `${contest} ${choice} ${path}`;
    const known = this.#pairs.get(name);
    if (known !== undefined) return known;
    this.#sql.insertPairName.run(contest, choice, path);
    const id = Number(this.#sql.pair.get(contest, choice, path)?.id);
    this.#pairs.set(name, id);
    return id;
  }

  #write<T>(work: () => T): T {
    try {
      return this.#transactions.run(work);
    } catch (error) {
      // The rollback removed the rows with these ids.
      this.#streams.clear();
      this.#pairs.clear();
      throw error;
    }
  }
}

function statements(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    totals: sql('SELECT next_id, sealed FROM totals'),
    firstId: sql('SELECT min(id) AS id FROM entries'),
    addTotals: sql('UPDATE totals SET next_id = ?, entries = entries + ?, votes = votes + ?'),
    insertEntry: sql(
      `INSERT INTO entries (id, stream, ms, seq, copy, path, received, count, edge, hash, votes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, ms, seq, copy) DO NOTHING`,
    ),
    hashes: sql('SELECT hash FROM entries WHERE stream = ? AND ms = ? AND seq = ?'),
    insertPair: sql('INSERT INTO entries_by_pair VALUES (?, ?, ?)'),
    insertStream: sql('INSERT OR IGNORE INTO streams (partition, epoch) VALUES (?, ?)'),
    stream: sql('SELECT id FROM streams WHERE partition = ? AND epoch = ?'),
    insertPairName: sql('INSERT OR IGNORE INTO pairs (contest, choice, path) VALUES (?, ?, ?)'),
    pair: sql('SELECT id FROM pairs WHERE contest = ? AND choice = ? AND path = ?'),
    olderThan: sql(
      'SELECT id, path, received, votes FROM entries WHERE path IN (0, 1, 2) AND received < ? ORDER BY path, received LIMIT ?',
    ),
    ofContest: sql(
      `SELECT id, path, received, votes FROM entries WHERE id IN (
         SELECT DISTINCT indexed.entry
         FROM pairs JOIN entries_by_pair AS indexed ON indexed.pair = pairs.id JOIN entries ON entries.id = indexed.entry
         WHERE pairs.contest = ? AND indexed.received < ? AND entries.ms <= ? LIMIT ?)`,
    ),
    setVotes: sql('UPDATE entries SET votes = ? WHERE id = ?'),
    removePair: sql('DELETE FROM entries_by_pair WHERE pair = ? AND received = ? AND entry = ?'),
    removeEntry: sql('DELETE FROM entries WHERE id = ?'),
  };
}
