import type { Problem } from '../../http/problem.ts';
import type { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import type { Transport } from './transport.ts';

/**
 * Handles encoded votes for all transports, up to their outcome. Each transport reads its own protocol, passes the
 * bytes to its codec, calls this, and writes the outcome in its own protocol. Nothing below here depends on HTTP or
 * gRPC.
 */
export interface Ingress {
  /**
   * Accepts the one vote of `encoded`, which is read before this returns. With `wait`, `done` is called after the vote
   * was counted or after WAIT_TIMEOUT_MS; the outcome is then still a receipt.
   */
  castOne(sender: Sender, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void;

  /** Accepts every vote of `encoded`. `done` is called when each has an outcome. */
  castMany(sender: Sender, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void;

  /** Accepts every vote of `encoded` as if it were sent alone; each gets its own outcome and receipt, in body order. */
  castEach(sender: Sender, encoded: EncodedVotes, done: (outcome: CastEachOutcome) => void): void;
}

/** The sender of votes. */
export interface Sender {
  readonly transport: Transport;
  /** True for the vote page; false for a program. */
  readonly browser: boolean;
  /** The contests that the sender may vote in; undefined: all. */
  readonly contests: ReadonlySet<string> | undefined;
}

export type CastOutcome =
  | { readonly ok: true; readonly receipt: string; readonly status: ReceiptStatus; readonly results?: Results }
  | { readonly ok: false; readonly problem: Problem };

export type CastManyOutcome =
  | { readonly ok: true; readonly accepted: number; readonly rejected: readonly RejectedVote[] }
  /** Nothing of the batch is known to be stored. */
  | { readonly ok: false; readonly problem: Problem };

export type CastEachOutcome =
  | { readonly ok: true; readonly outcomes: readonly CastOutcome[] }
  /** The whole body was refused; no vote is stored. */
  | { readonly ok: false; readonly problem: Problem };

export interface RejectedVote {
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Maximum number of rejected votes in an answer: 10,000 invalid lines of 2 bytes must not cause an answer of 1 MB. */
export const MAX_LISTED_REJECTIONS = 100;

export type ReceiptStatus = 'queued' | 'counted' | 'superseded' | 'duplicate' | 'late' | 'dead';
