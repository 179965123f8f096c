import type { Problem } from '../../http/problem.ts';
import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';

/**
 * What both ingress paths share: from encoded votes to the answer. Each path reads its own protocol, hands the bytes
 * to its codec, calls this, and writes the outcome in its own protocol. Nothing below here knows HTTP or gRPC.
 */
export interface Ingress {
  /**
   * Takes in the one vote of `encoded`, which is read before this returns. With `wait`, `done` comes after the vote
   * was counted or when the edge has waited `WAIT_TIMEOUT_MS`; the outcome is then still a receipt.
   */
  castOne(path: Path, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void;

  /** Takes in every vote of `encoded`. `done` comes when each has an outcome. */
  castMany(path: Path, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void;
}

export type CastOutcome =
  | { readonly ok: true; readonly receipt: string; readonly status: ReceiptStatus; readonly results?: Results }
  | { readonly ok: false; readonly problem: Problem };

export type CastManyOutcome =
  | { readonly ok: true; readonly accepted: number; readonly rejected: readonly RejectedVote[] }
  /** Nothing of the batch is known to be stored. */
  | { readonly ok: false; readonly problem: Problem };

export interface RejectedVote {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export type ReceiptStatus = 'queued' | 'counted' | 'superseded' | 'duplicate' | 'late' | 'dead';
