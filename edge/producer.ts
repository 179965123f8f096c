import type { Path } from '../proto/gen/votewire/v1/vote_pb.ts';

/**
 * Writes encoded votes to the partitioned streams by group commit: votes that arrive while a write is in flight go out
 * together in the next one, and a vote that comes alone goes out at once.
 */
export interface Producer extends AsyncDisposable {
  /** Takes votes in. `done` is called once, later, with what became of all of them. */
  submit(votes: SubmittedVotes, done: (outcome: SubmitOutcome) => void): void;

  /** False from the moment that the edge stops or Redis is away: what `/readyz` says. */
  readonly ready: boolean;
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

export type SubmitOutcome =
  /** Redis confirmed them: they are votes `index` to `index + count - 1` of the entry. */
  | { readonly status: 'stored'; readonly partition: number; readonly entryId: string; readonly index: number }
  /** Never sent to Redis: certainly not counted. */
  | { readonly status: 'refused'; readonly reason: 'overloaded' | 'unavailable' | 'stopping' }
  /** Sent, and the connection or Redis failed before the answer: may be counted. */
  | { readonly status: 'unknown'; readonly detail: string };
