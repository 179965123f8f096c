/** The outcome of one request. */
export interface Reply {
  /** Votes that the server acknowledged. */
  readonly acknowledged: number;
  /** Votes that it rejected permanently. */
  readonly failed: number;
  /** Votes whose outcome is unknown. */
  readonly unknown: number;
  /** Why votes were not acknowledged. */
  readonly reason?: string;
  /** Set if no reply arrived because the connection was lost or the run ended; the request had waited until then. */
  readonly unanswered?: true;
}

/** One connection that carries requests of one transport and shape. */
export interface Channel {
  /** Requests that may be in flight at once. */
  readonly capacity: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Sends request number `index` of the pool. The channel's `OnReply` gets its reply with the same `token`. */
  send(index: number, token: number): void;
  close(): void;
}

export type OnReply = (token: number, reply: Reply) => void;

export const accepted = (votes: number): Reply => ({ acknowledged: votes, failed: 0, unknown: 0 });
export const refused = (votes: number, reason: string): Reply => ({
  acknowledged: 0,
  failed: votes,
  unknown: 0,
  reason,
});
export const lost = (votes: number, reason: string): Reply => ({ ...unsure(votes, reason), unanswered: true });
export const unsure = (votes: number, reason: string): Reply => ({
  acknowledged: 0,
  failed: 0,
  unknown: votes,
  reason,
});
