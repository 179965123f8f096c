/** What one request came to. */
export interface Reply {
  /** Votes that the server acknowledged. */
  readonly acknowledged: number;
  /** Votes that it refused for good. */
  readonly failed: number;
  /** Votes whose outcome it left open. */
  readonly unknown: number;
  /** What a reply that is not all acknowledged said. */
  readonly reason?: string;
  /** No reply came: the connection was lost, or the run ended before. It had waited until then. */
  readonly unanswered?: true;
}

/** One connection that carries requests of one transport and shape. */
export interface Channel {
  /** Requests that may be in flight at once. */
  readonly capacity: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Sends request number `index` of the pool. Its reply comes to the channel's `OnReply` with the same `token`. */
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
