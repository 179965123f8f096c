/** A token bucket: `burst` at once, then `perSecond`. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** What one HTTP/2 connection may cost the server. Times are in milliseconds, sizes in bytes. */
export interface Http2Limits {
  /** Open streams; more are answered with REFUSED_STREAM. Announced. */
  readonly concurrentStreams: number;
  /** Header list of one request, each field with 32 bytes of overhead. Announced. More: ENHANCE_YOUR_CALM. */
  readonly headerListBytes: number;
  /** Fields of one request. More: ENHANCE_YOUR_CALM. */
  readonly headerPairs: number;
  /** Compressed headers of one block, over all its frames. More: GOAWAY with ENHANCE_YOUR_CALM. */
  readonly headerBlockBytes: number;
  /** CONTINUATION frames of one block. More: GOAWAY with ENHANCE_YOUR_CALM. */
  readonly continuationFrames: number;
  /** HPACK table that the peer may fill. The protocol's default, so it is not announced. */
  readonly headerTableBytes: number;
  /** Payload of one frame. The protocol's least, so it is not announced. More: FRAME_SIZE_ERROR. */
  readonly frameBytes: number;
  /** Request body bytes of a stream that wait for the application. At least 65,535. Announced. */
  readonly streamWindowBytes: number;
  /** The same of all streams of a connection. At least 65,535. Announced. */
  readonly connectionWindowBytes: number;
  /** Output that the peer has not taken; at more the connection is not read. */
  readonly unsentBytes: number;

  /** Past each rate the connection ends with GOAWAY, ENHANCE_YOUR_CALM. */
  readonly settings: RateLimit;
  /** Pings beyond one for each response or part of one that was sent, as gRPC's estimate of bandwidth needs. */
  readonly pings: RateLimit;
  readonly emptyData: RateLimit;
  readonly priorities: RateLimit;
  /** WINDOW_UPDATE frames beyond two for each DATA frame that was sent. */
  readonly windowUpdates: RateLimit;
  /** Streams that the peer reset, or had the server reset by a mistake: a stream that ends early costs it nothing. */
  readonly resets: RateLimit;
  /** Frames of unknown types, and frames of streams that are closed. */
  readonly strayFrames: RateLimit;

  /** The preface and SETTINGS, a frame, a header block: from its first byte to its last. */
  readonly frameMs: number;
  /** An idle connection without streams gets a GOAWAY; one with open streams gets a PING. */
  readonly idleMs: number;
  /** The answer to that ping. */
  readonly pingMs: number;
  /** Output for which the peer gives no window (the stream is reset) or that it does not read (the connection is cut). */
  readonly stalledMs: number;
  /** How long an address whose connection ended for one of the rates is refused; 0: it is not. */
  readonly penaltyMs: number;
  /** How long a peer may take to close its side after the last frame was sent. */
  readonly lingerMs: number;
  /**
   * Age at which a connection gets a GOAWAY, 10 % more or less, so that connections that opened together do not come back
   * together. Open streams are served to their end. Infinity: never.
   */
  readonly ageMs: number;
}

export const HTTP2_LIMITS: Http2Limits = {
  concurrentStreams: 128,
  headerListBytes: 16_384,
  headerPairs: 100,
  headerBlockBytes: 16_384,
  continuationFrames: 8,
  headerTableBytes: 4_096,
  frameBytes: 16_384,
  streamWindowBytes: 262_144,
  connectionWindowBytes: 1_048_576,
  unsentBytes: 262_144,
  settings: { burst: 20, perSecond: 2 },
  pings: { burst: 50, perSecond: 10 },
  emptyData: { burst: 100, perSecond: 20 },
  priorities: { burst: 500, perSecond: 100 },
  windowUpdates: { burst: 1_000, perSecond: 200 },
  resets: { burst: 500, perSecond: 100 },
  strayFrames: { burst: 500, perSecond: 100 },
  frameMs: 10_000,
  idleMs: 60_000,
  pingMs: 5_000,
  stalledMs: 10_000,
  penaltyMs: 10_000,
  lingerMs: 250,
  ageMs: Number.POSITIVE_INFINITY,
};
