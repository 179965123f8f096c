/** Bounds on the resources that a connection may hold. Times in milliseconds. */
export interface ListenerLimits {
  /** A connection whose protocol is not known yet. A client sends a first packet that is lost twice again after 3 s. */
  readonly silentMs: number;
  /** Request line and headers of HTTP/1.1. */
  readonly headersMs: number;
  /** A whole request of HTTP/1.1. */
  readonly requestMs: number;
  /** How often those two are checked. Node's default of 30 s would make both of them 30 s. */
  readonly checkMs: number;
  /** An HTTP/1.1 connection between requests. */
  readonly keepAliveMs: number;
  /** Headers of one HTTP/1.1 request. */
  readonly headerBytes: number;
  readonly headerPairs: number;
  /** How long a client may take to close its side of an HTTP/1.1 connection after the last answer. */
  readonly lingerMs: number;
  /** While the server stops: how long an idle HTTP/1.1 connection waits for one more request. */
  readonly stopIdleMs: number;
  /** How long `Symbol.asyncDispose` waits for requests in flight. */
  readonly graceMs: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  silentMs: 10_000,
  headersMs: 3_000,
  requestMs: 5_000,
  checkMs: 500,
  keepAliveMs: 65_000,
  headerBytes: 16_384,
  headerPairs: 100,
  lingerMs: 1_000,
  stopIdleMs: 1_000,
  graceMs: 5_000,
};
