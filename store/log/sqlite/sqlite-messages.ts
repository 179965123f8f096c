import { parseEntryId } from '../../streams/entry-id.ts';
import type { EntryKey, LogEntry, LogQuery, VoteServiceDeps } from '../log-store.ts';
import { VotePacker } from '../packed-votes.ts';

/** What the thread that asks and the thread that has the database say to each other. */
export interface SqliteCalls {
  append: { ask: PackedEntries; answer: AppendAnswer };
  removeOlderThan: { ask: { before: number }; answer: number };
  read: { ask: ReadRequest; answer: ReadAnswer };
  entry: { ask: { partition: number; epoch: string; ms: number; seq: number }; answer: EntryRow | undefined };
  totals: { ask: null; answer: { entries: number; votes: number; nextId: number } };
  /** Finishes the appends that wait, and closes the file. */
  close: { ask: null; answer: null };
}

/** Entries by columns: copying these to another thread costs next to nothing a vote. */
export interface PackedEntries {
  readonly partition: readonly number[];
  readonly epoch: readonly string[];
  readonly ms: readonly number[];
  readonly seq: readonly number[];
  readonly path: readonly number[];
  readonly edge: readonly string[];
  readonly received: readonly number[];
  readonly count: readonly number[];
  /** 32 bytes an entry. */
  readonly hashes: Uint8Array;
  /** Packed votes of all entries; `ends[i]` is where those of entry i end. */
  readonly votes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

export interface AppendAnswer {
  readonly stored: number;
  readonly repeated: number;
  /** Places in the PackedEntries. */
  readonly conflicting: readonly number[];
}

/** Where reading stands: the entry `id` that was received then, in milliseconds since 1970. */
export type SqlitePosition = readonly [received: number, id: number];

export interface ReadRequest {
  readonly filter: Omit<LogQuery, 'limit' | 'cursor'>;
  readonly newestFirst: boolean;
  /** Start with the entry at this position, or else with what comes next to it. */
  readonly from: SqlitePosition | undefined;
  /** Votes from this place on of the entry at `from` don't count: an earlier page showed them. */
  readonly fromIndex?: number;
  /** Only entries below this id: what was there when a scan began. */
  readonly belowId: number | undefined;
  /** Stop when at least so many votes match. */
  readonly votes: number;
}

export interface ReadAnswer {
  readonly rows: readonly EntryRow[];
  /** No entry after these matches. */
  readonly done: boolean;
}

export interface EntryRow extends EntryKey {
  readonly id: number;
  readonly path: VoteServiceDeps;
  readonly edge: string;
  readonly received: number;
  readonly votes: Uint8Array;
}

/** Numbers of the paths in the file; a new path gets a new number at the end. */
export const STORED_PATHS: readonly VoteServiceDeps[] = ['http', 'grpc', 'connect'];

/** Packs entries that are not refused. */
export function packEntries(entries: readonly LogEntry[]): PackedEntries {
  const packer = new VotePacker(entries.reduce((bytes, entry) => bytes + 64 + entry.votes.length * 48, 0));
  const hashes = new Uint8Array(entries.length * 32);
  const ids = entries.map((entry) => parseEntryId(entry.entryId) ?? { ms: 0, n: 0 });
  const ends = entries.map((entry, index) => {
    hashes.set(entry.contentHash, index * 32);
    packer.add(entry.votes);
    return packer.end;
  });
  return {
    partition: entries.map((entry) => entry.partition),
    epoch: entries.map((entry) => entry.epoch),
    ms: ids.map((id) => id.ms),
    seq: ids.map((id) => id.n),
    path: entries.map((entry) => STORED_PATHS.indexOf(entry.path)),
    edge: entries.map((entry) => entry.edge),
    received: entries.map((entry) => entry.receivedAt.getTime()),
    count: entries.map((entry) => entry.votes.length),
    hashes,
    votes: packer.finish(),
    ends,
  };
}
