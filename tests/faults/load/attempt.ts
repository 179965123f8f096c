/** One submission of one vote, and the answer that its client got. */
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
  /** `ok`: acknowledged. `failed`: rejected permanently. `unknown`: may be counted. `pending`: no answer yet. */
  outcome: 'pending' | 'ok' | 'failed' | 'unknown';
  /** The answer, unless it was an acknowledgement. */
  detail?: string;
  /** Milliseconds from sending to the answer. */
  latencyMs?: number;
  /** When the answer arrived, by `performance.now()`. */
  answeredAt?: number;
}
