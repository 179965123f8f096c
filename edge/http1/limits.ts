/** Limits of one HTTP/1.1 connection while its requests are recognized. Times in milliseconds, sizes in bytes. */
export interface Http1Limits {
  /** Request line and headers. A larger head goes to `node:http`, which answers 431. */
  readonly headBytes: number;
  /** Headers of one request; more go to `node:http`. */
  readonly headers: number;
  /** Pieces of a head; after more the connection goes to `node:http`, because each piece restarts parsing. */
  readonly headPieces: number;
  /** Unanswered requests; at this number the connection is not read. */
  readonly pipelined: number;
  /** Output that the client has not read; beyond it the connection is not read. */
  readonly unsentBytes: number;
  /** Time limit from the first byte of a request to the end of its headers. Late: 408. */
  readonly headersMs: number;
  /** Time limit from the first byte of a request to its last. Late: 408. */
  readonly requestMs: number;
  /** Time limit between requests. */
  readonly keepAliveMs: number;
  /** Time limit for output that the client does not read; then the connection is closed. */
  readonly stalledMs: number;
  /** Time limit for the client to close its side after the last answer. */
  readonly lingerMs: number;
  /** During a stop: how long an idle connection waits for one more request. */
  readonly stopIdleMs: number;
}

export const HTTP1_LIMITS: Http1Limits = {
  headBytes: 16_384,
  headers: 32,
  headPieces: 8,
  pipelined: 64,
  unsentBytes: 65_536,
  headersMs: 3_000,
  requestMs: 5_000,
  keepAliveMs: 65_000,
  stalledMs: 10_000,
  lingerMs: 1_000,
  stopIdleMs: 1_000,
};
