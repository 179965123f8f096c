/**
 * The port to the vote log. `mongo-log.ts` and `sqlite-log.ts` implement it and pass the same contract tests.
 *
 * The unit of writing is the stream entry, so that a repeat is recognised as a whole; the unit of reading is the vote.
 */
export interface LogStore extends AsyncDisposable {
  readonly kind: 'mongodb' | 'sqlite';

  /**
   * Writes entries durably. Entries already there are skipped after their content hash was compared, so a repeat after
   * a crash is harmless. Rejects where the store is away: nothing is known then and the caller repeats the call.
   */
  append(entries: readonly LogEntry[]): Promise<AppendOutcome>;

  /**
   * One page of votes, newest first by time of receipt. Pages that follow each other by cursor show no vote twice and
   * leave out none that was there when the first one was read, whatever is written meanwhile.
   *
   * @throws {BadCursorError} where the cursor is not one of this store (log-cursor.ts)
   * @throws {RangeError} where the limit is out of range
   */
  page(query: LogQuery): Promise<LogPage>;

  /**
   * All votes that match and were there when the call began, each once, oldest first by time of receipt; votes written
   * meanwhile may be among them. For exports and recounts.
   */
  scan(query: Omit<LogQuery, 'limit' | 'cursor'>): AsyncIterable<LoggedVote>;

  /** The vote at a place of an entry; undefined where there is none. */
  vote(entry: EntryKey, index: number): Promise<LoggedVote | undefined>;

  /** How many entries and votes are stored. */
  totals(): Promise<{ entries: number; votes: number }>;

  /** Removes entries received before that time. Returns how many votes went. */
  removeOlderThan(time: Date): Promise<number>;
}

/** Where a stream entry stands. Entry ids repeat across partitions, and across a stream that was lost and remade. */
export interface EntryKey {
  readonly partition: number;
  readonly epoch: string;
  /** Redis entry id, `<ms>-<n>`. */
  readonly entryId: string;
}

export interface LogEntry extends EntryKey {
  readonly path: VoteServiceDeps;
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
  /** Empty where the vote has none. */
  readonly voteId: string;
  readonly sequence: number;
}

export type VoteServiceDeps = 'http' | 'grpc' | 'connect';

export interface AppendOutcome {
  /** Entries that are stored now and were not before. */
  readonly stored: number;
  /** Entries that were there already with the same content. */
  readonly repeated: number;
  /** Entries whose key was there with other content; each was kept beside it, and is an alarm. */
  readonly conflicting: readonly EntryKey[];
  /** Entries that this store refuses for good, each with its reason; they belong in the dead letters. */
  readonly refused: readonly { readonly entry: EntryKey; readonly reason: string }[];
}

export interface LogQuery {
  readonly contest?: string;
  readonly choice?: string;
  readonly voter?: Uint8Array;
  readonly path?: VoteServiceDeps;
  /** From this time on. */
  readonly since?: Date;
  /** Before this time. */
  readonly until?: Date;
  /** 1 to 1000. */
  readonly limit: number;
  /** `LogPage.next` of the page before. */
  readonly cursor?: string;
}

export interface LogPage {
  readonly items: readonly LoggedVote[];
  /** Opaque; null where there are no more. */
  readonly next: string | null;
}

export interface LoggedVote extends EntryKey, LogEntryVote {
  /** Place in the entry, from 0. */
  readonly index: number;
  readonly path: VoteServiceDeps;
  readonly edge: string;
  readonly receivedAt: Date;
}
