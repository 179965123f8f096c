/** What one HTTP/1.1 connection may cost while its requests are recognized. Times in milliseconds, sizes in bytes. */
export interface Http1Limits {
  /** Request line and headers. A larger head goes to `node:http`, which answers 431. */
  readonly headBytes: number;
  /** Headers of one request; more go to `node:http`. */
  readonly headers: number;
  /** Pieces that a head may arrive in; in more, the connection goes to `node:http`: each piece is read from its start. */
  readonly headPieces: number;
  /** Requests that are not answered yet; at more the connection is not read. */
  readonly pipelined: number;
  /** Output that the client has not taken; at more the connection is not read. */
  readonly unsentBytes: number;
  /** From the first byte of a request to the last of its headers. Late: 408. */
  readonly headersMs: number;
  /** From the first byte of a request to its last. Late: 408. */
  readonly requestMs: number;
  /** Between requests. */
  readonly keepAliveMs: number;
  /** Output that the client does not read: the connection is cut. */
  readonly stalledMs: number;
  /** How long the client may take to close its side after the last answer. */
  readonly lingerMs: number;
  /** While the server stops: how long an idle connection waits for one more request. */
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
