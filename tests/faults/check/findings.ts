import type { LogStore } from '../../../store/log/log-store.ts';
import type { Attempt } from '../load/attempt.ts';
import type { Logged } from './logged.ts';

/** The result of a run, after the faults healed and the consumers drained the streams. */
export interface Findings {
  readonly offered: number;
  readonly acknowledged: number;
  readonly counted: number;
  readonly logged: number;
  /** Acknowledged votes that are neither counted nor superseded, or not in the log. */
  readonly lost: number;
  /** Votes that count twice, or are in the log twice. */
  readonly double: number;
  /** Describes every violated invariant. Empty in a good run. */
  readonly violations: readonly string[];
}

export interface CheckOptions {
  /** Several URLs mean Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly partitions: number;
  readonly log: LogStore;
  /** Computes the key that the tally and the log store for a voter, as 32 hex digits. */
  readonly voterKey: (voter: string) => string;
  readonly attempts: readonly Attempt[];
  /** Number of unreadable entries that the run itself wrote. Default 0. */
  readonly poison?: number;
  /** Contents of logs that the run itself destroyed. Default: none. */
  readonly lostLogs?: readonly Logged[];
  /** Checks further invariants. */
  readonly further?: (logged: Logged) => Promise<void> | void;
}

/** The part of the findings that one check adds. */
export interface Finding {
  readonly lost: number;
  readonly double: number;
}
