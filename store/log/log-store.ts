import type { EntryId } from '../streams/entry-id.ts';
import type { ReadBounds } from './reads/read-deadline.ts';

/**
 * The vote log. `mongo-log.ts` and `sqlite-log.ts` implement it and pass the same contract tests.
 *
 * Writes are per stream entry, so that a repeated entry is recognized as a whole; reads are per vote.
 */
export interface LogStore extends AsyncDisposable {
  readonly kind: 'mongodb' | 'sqlite';

  /**
   * Writes entries durably. Existing entries are skipped after their content hashes are compared, so a repeat after a
   * crash is harmless. Rejects if the store is unreachable: the outcome is then unknown, and the caller must repeat the
   * call.
   */
  append(entries: readonly LogEntry[]): Promise<AppendOutcome>;

  /**
   * Reads one page of votes, newest first by time of receipt. Pages linked by cursors show each vote once and include
   * every vote that existed when the first page was read, even while votes are written.
   *
   * @throws {BadCursorError} if this store did not issue the cursor (log-cursor.ts)
   * @throws {RangeError} if the limit is out of range
   * @throws {LogDeadlineError} if it takes longer than the bounds allow
   */
  page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage>;

  /**
   * Reads all matching votes that existed when the call began, each once, oldest first by time of receipt; votes
   * written during the scan may be included. For exports and recounts.
   *
   * @throws {LogDeadlineError} if one of its reads takes longer than the bounds allow
   */
  scan(query: Omit<LogQuery, 'limit' | 'cursor'>, bounds?: ReadBounds): AsyncIterable<LoggedVote>;

  /**
   * Reads the votes of one stream's entries with ids after `after` and up to `upTo`, in the store's order of ids; the
   * votes of an entry are adjacent.
   */
  range(range: EntryRange, bounds?: ReadBounds): AsyncIterable<LoggedVote>;

  /** Reads the vote at an index of an entry; undefined if there is none. */
  vote(entry: EntryKey, index: number, bounds?: ReadBounds): Promise<LoggedVote | undefined>;

  /** The numbers of stored entries and votes, including the places of votes that `removeContest` removed. */
  totals(): Promise<{ entries: number; votes: number }>;

  /** Removes entries received before `time`. Returns the number of removed votes. */
  removeOlderThan(time: Date): Promise<number>;

  /**
   * Removes the votes of a contest for good, in entries up to `upTo` by Redis's clock; later ones belong to a new
   * contest with the same id. Returns the number of removed votes. Other votes of these entries stay; see `BLANK_VOTE`.
   */
  removeContest(contest: string, upTo: Date): Promise<number>;
}

/** The unique key of a stream entry. Entry ids alone may repeat across partitions and after a stream is recreated. */
export interface EntryKey {
  readonly partition: number;
  readonly epoch: string;
  /** Redis entry id, `<ms>-<n>`. */
  readonly entryId: string;
}

/** A range of entry ids of one stream. */
export interface EntryRange extends Pick<EntryKey, 'partition' | 'epoch'> {
  /** Exclusive. */
  readonly after: EntryId;
  /** Inclusive. */
  readonly upTo: EntryId;
}

export interface LogEntry extends EntryKey {
  readonly path: Transport;
  readonly edge: string;
  readonly receivedAt: Date;
  /** SHA-256 of the entry's bytes, 32 bytes. */
  readonly contentHash: Uint8Array;
  readonly votes: readonly LogEntryVote[];
}

export interface LogEntryVote {
  readonly contest: string;
  readonly choice: string;
  /** Keyed hash of the voter's id, 16 bytes (see wasm/mac/voter-key.ts). */
  readonly voter: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
  /** Empty if the vote has none. */
  readonly voteId: string;
  readonly sequence: number;
}

export type Transport = 'http' | 'grpc' | 'connect';

export interface AppendOutcome {
  /** Entries that were new. */
  readonly stored: number;
  /** Entries that existed with the same content. */
  readonly repeated: number;
  /** Entries whose key existed with different content. Both copies are kept; this never happens in normal operation. */
  readonly conflicting: readonly EntryKey[];
  /** Entries that this store rejects permanently, with the reason; they become dead letters. */
  readonly refused: readonly { readonly entry: EntryKey; readonly reason: string }[];
}

export interface LogQuery {
  readonly contest?: string;
  readonly choice?: string;
  readonly voter?: Uint8Array;
  readonly path?: Transport;
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
  /** 1 to 1000. */
  readonly limit: number;
  /** `LogPage.next` of the previous page. */
  readonly cursor?: string;
}

export interface LogPage {
  readonly items: readonly LoggedVote[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

export interface LoggedVote extends EntryKey, LogEntryVote {
  /** Index in the entry, from 0. */
  readonly index: number;
  readonly path: Transport;
  readonly edge: string;
  readonly receivedAt: Date;
}
