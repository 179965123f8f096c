import type { ContestStatus } from '../contests/contest.ts';

/** A contest's results, as HTTP, gRPC and the dashboard show them. */
export interface Results {
  readonly contest: string;
  readonly status: ContestStatus;
  /** Grows with each change of the counts. */
  readonly version: number;
  readonly total: number;
  /** Distinct voters in a one-per-voter contest; otherwise the same as `total`. */
  readonly voters: number;
  /** How often a vote replaced an older one of the same voter. */
  readonly changed: number;
  /** Time of the newest counted vote; null if there is none. */
  readonly countedUpTo: string | null;
  readonly options: readonly { readonly id: string; readonly label: string; readonly count: number }[];
}
