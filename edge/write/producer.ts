import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';

/**
 * Writes encoded votes to the partitioned streams by group commit: votes that arrive while a write is in flight go out
 * together in the next one, and a vote that comes alone goes out at once.
 */
export interface Producer extends AsyncDisposable {
  /** Takes votes in. `done` is called once, later, with what became of all of them. */
  submit(votes: SubmittedVotes, done: (outcome: SubmitOutcome) => void): void;

  /**
   * Takes in the votes of a batch, each to its partition. Copies before it returns; `done` is called once, later.
   *
   * @param skipped votes to leave out, a byte each that is not 0; undefined: none
   */
  submitBatch(votes: SubmittedBatch, done: (outcome: BatchOutcome) => void): void;

  /** False from the moment that the edge stops or Redis is away: what `/readyz` says. */
  readonly ready: boolean;

  /** How many bytes of buffers are in use by votes that wait to be written or confirmed. */
  readonly bufferedBytes: number;

  /** Takes nothing more in, and resolves when all that was taken in has its outcome. */
  stop(): Promise<void>;
}

/** Votes of one partition, encoded by a VoteCodec. */
export interface SubmittedVotes {
  readonly path: Path;
  /** A partition, or ANY_PARTITION to let the producer spread them. */
  readonly partition: number;
  /** Holds framed votes (see EncodedVotes.bytes) from `start` to `end`; copied before `submit` returns. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** How many votes those are. */
  readonly count: number;
  /** Somebody waits for these votes to be counted. */
  readonly notify: boolean;
}

export interface SubmittedBatch {
  readonly path: Path;
  readonly encoded: EncodedVotes;
  /** Votes to leave out: a byte for each vote of `encoded` that is not 0. */
  readonly skipped?: Uint8Array;
}

export type SubmitOutcome =
  /** Redis confirmed them: they are votes `index` to `index + count - 1` of the entry. */
  | { readonly status: 'stored'; readonly partition: number; readonly entryId: string; readonly index: number }
  /** Never sent to Redis: certainly not counted. */
  | { readonly status: 'refused'; readonly reason: RefusedReason }
  /** Sent, and the connection or Redis failed before the answer: may be counted. */
  | { readonly status: 'unknown'; readonly detail: string };

export type RefusedReason = 'overloaded' | 'unavailable' | 'stopping';

/** The parts of a batch may fare differently, since they go to several streams. */
export interface BatchOutcome {
  readonly stored: number;
  /** Places in `EncodedVotes` of votes that were never sent; undefined reason: there are none. */
  readonly refused: readonly number[];
  readonly reason: RefusedReason | undefined;
  /** How many votes may be counted or not, and why. */
  readonly unknown: number;
  readonly detail: string;
}
