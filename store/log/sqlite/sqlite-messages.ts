import { parseEntryId } from '../../streams/entry-id.ts';
import type { EntryKey, EntryRange, LogEntry, LogQuery, Transport } from '../log-store.ts';
import { VotePacker } from '../packed-votes.ts';

/** Messages between the main thread and the database thread. */
export interface SqliteCalls {
  append: { ask: PackedEntries; answer: AppendAnswer };
  removeOlderThan: { ask: { before: number }; answer: number };
  /** Answers with the number of votes removed from some entries; 0: there are no more. */
  removeContest: { ask: { contest: string; upTo: number }; answer: number };
  read: { ask: ReadRequest; answer: ReadAnswer };
  entry: { ask: { partition: number; epoch: string; ms: number; seq: number }; answer: EntryRow | undefined };
  range: { ask: RangeRequest; answer: readonly EntryRow[] };
  totals: { ask: null; answer: { entries: number; votes: number; nextId: number } };
  /** Finishes pending appends and closes the file. */
  close: { ask: null; answer: null };
}

/** Entries as columns, which are cheap to copy to another thread. */
export interface PackedEntries {
  readonly partition: readonly number[];
  readonly epoch: readonly string[];
  readonly ms: readonly number[];
  readonly seq: readonly number[];
  readonly path: readonly number[];
  readonly edge: readonly string[];
  readonly received: readonly number[];
  readonly count: readonly number[];
  /** 32 bytes per entry. */
  readonly hashes: Uint8Array;
  /** Packed votes of all entries; those of entry i end at `ends[i]`. */
  readonly votes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

export interface AppendAnswer {
  readonly stored: number;
  readonly repeated: number;
  /** Indexes of entries in PackedEntries. */
  readonly conflicting: readonly number[];
}

/** A position in the order of receipt: the time in milliseconds since 1970 and the entry's id. */
export type SqlitePosition = readonly [received: number, id: number];

export interface ReadRequest {
  readonly filter: Omit<LogQuery, 'limit' | 'cursor'>;
  readonly newestFirst: boolean;
  /** Start at this position, or at the next entry if it does not exist. */
  readonly from: SqlitePosition | undefined;
  /** Skip votes of the entry at `from` from this index on: an earlier page showed them. */
  readonly fromIndex?: number;
  /** Only entries below this id, which are those that existed when a scan began. */
  readonly belowId: number | undefined;
  /** Stop once this many votes match. */
  readonly votes: number;
  /** Stop after this many milliseconds even if fewer votes match, so that others get the thread. */
  readonly sliceMs: number;
}

export interface RangeRequest extends EntryRange {
  /** Copies of the entry `after` up to this one have already been read. */
  readonly afterCopy: number;
  readonly limit: number;
}

export interface ReadAnswer {
  readonly rows: readonly EntryRow[];
  /** The position to continue from; undefined: there are no further matches. */
  readonly next: SqlitePosition | undefined;
}

export interface EntryRow extends EntryKey {
  readonly id: number;
  /** The number of earlier entries with the same key and different content; usually 0. */
  readonly copy: number;
  readonly path: Transport;
  readonly edge: string;
  readonly received: number;
  readonly votes: Uint8Array;
}

/** The index of a path is its number in the file, so new paths must be appended. */
export const STORED_PATHS: readonly Transport[] = ['http', 'grpc', 'connect'];

/** Packs entries that passed validation. */
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
