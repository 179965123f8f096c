import type { LogStore } from '../../../store/log/log-store.ts';
import type { Attempt } from '../load/attempt.ts';
import type { Logged } from './logged.ts';

/** What the ledger of a run adds up to, after the faults healed and the consumers drained the streams. */
export interface Findings {
  readonly offered: number;
  readonly acknowledged: number;
  readonly counted: number;
  readonly logged: number;
  /** Acknowledged votes that are neither counted nor superseded, or not in the log. */
  readonly lost: number;
  /** Votes that count twice, or are in the log twice. */
  readonly double: number;
  /** Every invariant that does not hold, in words. Empty in a good run. */
  readonly violations: readonly string[];
}

export interface CheckOptions {
  /** Several mean Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly partitions: number;
  readonly log: LogStore;
  /** The hash under which the tally and the log keep a voter, as 32 hex digits. */
  readonly voterKey: (voter: string) => string;
  readonly attempts: readonly Attempt[];
  /** Entries that the run itself put there and that no consumer can count. Default 0. */
  readonly poison?: number;
  /** What logs held that the run itself destroyed. Default: none. */
  readonly lostLogs?: readonly Logged[];
  /** Looks for violations of its own. */
  readonly further?: (logged: Logged) => Promise<void> | void;
}

/** The part of the findings that one check adds. */
export interface Finding {
  readonly lost: number;
  readonly double: number;
}
