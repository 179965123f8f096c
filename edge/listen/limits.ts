/** Limits on the resources of a connection. Times in milliseconds. */
export interface ListenerLimits {
  /** Time limit for the first bytes. If a first packet is lost twice, a client resends it after 3 s. */
  readonly silentMs: number;
  /** Time limit for request line and headers of HTTP/1.1. */
  readonly headersMs: number;
  /** Time limit for a whole HTTP/1.1 request. */
  readonly requestMs: number;
  /** How often those two are checked. Node's default of 30 s would make both of them 30 s. */
  readonly checkMs: number;
  /** Time limit of an HTTP/1.1 connection between requests. */
  readonly keepAliveMs: number;
  /** Maximum size of the headers of one HTTP/1.1 request. */
  readonly headerBytes: number;
  readonly headerPairs: number;
  /** Time limit for a client to close its side of an HTTP/1.1 connection after the last answer. */
  readonly lingerMs: number;
  /** During a stop: how long an idle HTTP/1.1 connection waits for one more request. */
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
