import type { WatchedProcess } from '../load/job.ts';
import type { Audit } from './audit/stream-audit.ts';

/** The processes that receive the votes of a cell, and a way to check the votes afterwards. */
export interface System extends AsyncDisposable {
  readonly url: string;
  /** The server under test first, as `server`. */
  readonly watch: readonly WatchedProcess[];
  /** Time from the start of the server's process to its first acknowledged vote. */
  readonly coldStartMs: number;
  /** Votes acknowledged before the measurement. */
  readonly acknowledgedBefore: number;
  /** Undefined if the server stores nothing that could be checked. */
  readonly storage?: StoredVotes;
}

export interface StoredVotes {
  /** Waits until `votes` votes are counted, as long as the count grows. */
  counted(votes: number): Promise<void>;
  /** Waits until every stored vote is counted, and reads the result. */
  audit(): Promise<Audit>;
}
