import type { ContestStatus } from '../contests/contest.ts';

/** What a contest's votes add up to, as HTTP, gRPC and the dashboard show it. */
export interface Results {
  readonly contest: string;
  readonly status: ContestStatus;
  /** Grows with each change of the counts. */
  readonly version: number;
  readonly total: number;
  /** Distinct voters (one-per-voter); the same as total otherwise. */
  readonly voters: number;
  /** How often a voter's vote took the place of an older one. */
  readonly changed: number;
  /** Time of the newest counted vote; null where there is none. */
  readonly countedUpTo: string | null;
  readonly options: readonly { readonly id: string; readonly label: string; readonly count: number }[];
}
