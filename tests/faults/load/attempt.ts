/** One submission of one vote, and what its client was answered. */
export interface Attempt {
  /** Unique; sent as the attribute `attempt`, so that the log can be compared submission by submission. */
  readonly id: string;
  readonly contest: string;
  readonly voter: string;
  readonly choice: string;
  /** 0: none. */
  readonly sequence: number;
  /** Empty: none. */
  readonly voteId: string;
  readonly path: 'http' | 'grpc';
  /** `ok`: acknowledged. `failed`: refused for good. `unknown`: may be counted. `pending`: no answer yet. */
  outcome: 'pending' | 'ok' | 'failed' | 'unknown';
  /** The answer, unless it was an acknowledgement. */
  detail?: string;
  /** From sending it to its answer. */
  latencyMs?: number;
  /** When the answer came, by `performance.now()`. */
  answeredAt?: number;
}
