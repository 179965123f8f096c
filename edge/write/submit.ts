import type { EncodedVotes } from '../../wasm/codec.ts';
import type { Transport } from '../vote/transport.ts';

/** One vote, encoded by a VoteCodec. */
export interface SubmittedVote {
  readonly transport: Transport;
  /** A partition, or ANY_PARTITION to let the group commit spread them. */
  readonly partition: number;
  /** Holds the framed vote (see EncodedVotes.bytes) from 0 to `end`; copied before `submit` returns. */
  readonly bytes: Uint8Array;
  readonly end: number;
  /** True if a client waits for this vote to be counted. */
  readonly notify: boolean;
}

export interface SubmittedBatch {
  readonly transport: Transport;
  readonly encoded: EncodedVotes;
  /** One byte per vote of `encoded`; votes whose byte is not 0 are left out. */
  readonly skipped?: Uint8Array;
}

export type SubmitOutcome =
  /** Redis confirmed the vote: it is vote `index` of the entry. */
  | { readonly status: 'stored'; readonly partition: number; readonly entryId: string; readonly index: number }
  | NotStored;

export type NotStored =
  /** Never sent to Redis: certainly not counted. */
  | { readonly status: 'rejected'; readonly reason: RejectReason }
  /** Sent, but the connection or Redis failed before the answer: may be counted. */
  | { readonly status: 'unknown'; readonly detail: string };

export type RejectReason = 'overloaded' | 'unavailable' | 'stopping';

/** The votes of a batch go to several streams, so their outcomes may differ. */
export interface BatchOutcome {
  readonly stored: number;
  /** Indexes in `EncodedVotes` of votes that were never sent, in ascending order. */
  readonly rejected: readonly number[];
  /** Why; undefined if no vote was rejected. */
  readonly reason: RejectReason | undefined;
  /** Number of votes with an unknown outcome. */
  readonly unknown: number;
  /** Why their outcome is unknown; empty if there are none. */
  readonly detail: string;
}
