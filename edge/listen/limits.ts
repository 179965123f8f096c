/** Bounds on the resources that a connection may hold. Times in milliseconds. */
export interface ListenerLimits {
  /** A connection whose protocol is not known yet. */
  readonly silentMs: number;
  /** Request line and headers of HTTP/1.1. */
  readonly headersMs: number;
  /** A whole request of HTTP/1.1. */
  readonly requestMs: number;
  /** How often those two are checked. Node's default of 30 s would make both of them 30 s. */
  readonly checkMs: number;
  /** An HTTP/1.1 connection between requests. */
  readonly keepAliveMs: number;
  /** Headers of one request. */
  readonly headerBytes: number;
  readonly headerPairs: number;
  /** Streams that one HTTP/2 connection may have open. Node's default has no bound. */
  readonly streams: number;
  /** Megabytes that one HTTP/2 session may hold. */
  readonly sessionMegabytes: number;
  /** HTTP/2 streams that a peer may reset at once, and then each second, before the connection is ended. */
  readonly resetBurst: number;
  readonly resetRate: number;
  /** An HTTP/2 connection without a stream yet. */
  readonly firstStreamMs: number;
  /** An idle HTTP/2 connection: it gets GOAWAY, and a PING if streams are open. */
  readonly idleMs: number;
  /** How long the answer to that PING may take. */
  readonly pingMs: number;
  /** How long `Symbol.asyncDispose` waits for requests in flight. */
  readonly graceMs: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  silentMs: 3_000,
  headersMs: 3_000,
  requestMs: 5_000,
  checkMs: 500,
  keepAliveMs: 65_000,
  headerBytes: 16_384,
  headerPairs: 100,
  streams: 128,
  sessionMegabytes: 4,
  resetBurst: 500,
  resetRate: 100,
  firstStreamMs: 5_000,
  idleMs: 60_000,
  pingMs: 5_000,
  graceMs: 5_000,
};
