import { problemCode } from '../../http/error-table.ts';
import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';

/** The edge's columns of the ledger, per path. Plain numbers: a vote must not pay for a metrics library. */
export interface PathCounters {
  /** Votes that somebody sent, whatever became of them. */
  offered: number;
  /** Acknowledged: Redis confirmed them. */
  accepted: number;
  /** Sent to Redis, and no answer came: counted or not. */
  unknown: number;
  /** Certainly not stored, by code. */
  readonly refused: Map<ErrorCode, number>;
}

export const COUNTED_PATHS = [
  { path: Path.HTTP, name: 'http' },
  { path: Path.GRPC, name: 'grpc' },
  { path: Path.CONNECT, name: 'connect' },
] as const;

export class EdgeCounters {
  readonly #paths: PathCounters[] = Array.from({ length: 4 }, () => ({
    offered: 0,
    accepted: 0,
    unknown: 0,
    refused: new Map(),
  }));

  of(path: Path): PathCounters {
    return this.#paths[path] as PathCounters;
  }

  refused(path: Path, code: ErrorCode, votes: number): void {
    const { refused } = this.of(path);
    refused.set(code, (refused.get(code) ?? 0) + votes);
  }

  /** Sums over all paths. */
  totals(): { offered: number; accepted: number; refused: number; unknown: number } {
    const totals = { offered: 0, accepted: 0, refused: 0, unknown: 0 };
    for (const counters of this.#paths) {
      totals.offered += counters.offered;
      totals.accepted += counters.accepted;
      totals.unknown += counters.unknown;
      for (const votes of counters.refused.values()) totals.refused += votes;
    }
    return totals;
  }
}

/** `{ code: 'unknown_choice', votes: 3 }` each. */
export function refusedByCode(counters: PathCounters): { code: string; votes: number }[] {
  return [...counters.refused].map(([code, votes]) => ({ code: problemCode(code), votes }));
}
