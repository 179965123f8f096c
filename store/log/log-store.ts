import type { EntryId } from '../streams/entry-id.ts';
import type { ReadBounds } from './reads/read-deadline.ts';

/**
 * The interface of the vote log. `mongo-log.ts` and `sqlite-log.ts` implement it and pass the same contract tests.
 *
 * The unit of writing is the stream entry, so that a repeat is recognized as a whole; the unit of reading is the vote.
 */
export interface LogStore extends AsyncDisposable {
  readonly kind: 'mongodb' | 'sqlite';

  /**
   * Writes entries durably. Entries that exist are skipped after comparing their content hash, so a repeat after a crash
   * is harmless. Rejects if the store is unreachable: the outcome is then unknown, and the caller repeats the call.
   */
  append(entries: readonly LogEntry[]): Promise<AppendOutcome>;

  /**
   * One page of votes, newest first by time of receipt. Pages linked by cursor show no vote twice and skip none that
   * existed when the first page was read, whatever is written meanwhile.
   *
   * @throws {BadCursorError} if the cursor is not one of this store (log-cursor.ts)
   * @throws {RangeError} if the limit is out of range
   * @throws {LogDeadlineError} if it takes longer than its bounds allow
   */
  page(query: LogQuery, bounds?: ReadBounds): Promise<LogPage>;

  /**
   * All matching votes that existed when the call began, each once, oldest first by time of receipt; votes written
   * meanwhile may be included. For exports and recounts.
   *
   * @throws {LogDeadlineError} if one of its reads takes longer than the bounds allow
   */
  scan(query: Omit<LogQuery, 'limit' | 'cursor'>, bounds?: ReadBounds): AsyncIterable<LoggedVote>;

  /**
   * Votes of one stream's entries with an id after `after` and up to `upTo`, in order of entries as far as the store
   * sorts ids; votes of an entry come together.
   */
  range(range: EntryRange, bounds?: ReadBounds): AsyncIterable<LoggedVote>;

  /** The vote at an index of an entry; undefined if there is none. */
  vote(entry: EntryKey, index: number, bounds?: ReadBounds): Promise<LoggedVote | undefined>;

  /** How many entries and votes are stored, with the places of votes that `removeContest` removed. */
  totals(): Promise<{ entries: number; votes: number }>;

  /** Removes entries received before that time. Returns the number of removed votes. */
  removeOlderThan(time: Date): Promise<number>;

  /**
   * Removes the votes of a contest for good, in entries up to that time of Redis's clock; later ones are of a new contest
   * with the same id. Returns the number of removed votes. Other votes of these entries stay; see `BLANK_VOTE`.
   */
  removeContest(contest: string, upTo: Date): Promise<number>;
}

/** The unique key of a stream entry. Entry ids repeat across partitions, and when a lost stream is created again. */
export interface EntryKey {
  readonly partition: number;
  readonly epoch: string;
  /** Redis entry id, `<ms>-<n>`. */
  readonly entryId: string;
}

/** Entries of one stream, by id. */
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
  /** Entries whose key existed with different content; both copies are kept, and each is an alarm. */
  readonly conflicting: readonly EntryKey[];
  /** Entries that this store rejects permanently, with the reason; they become dead letters. */
  readonly refused: readonly { readonly entry: EntryKey; readonly reason: string }[];
}

export interface LogQuery {
  readonly contest?: string;
  readonly choice?: string;
  readonly voter?: Uint8Array;
  readonly path?: Transport;
  /** From this time on. */
  readonly since?: Date;
  /** Before this time. */
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
