/** A token bucket: allows `burst` at once, then `perSecond`. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** Limits of one HTTP/2 connection. Times are in milliseconds, sizes in bytes. */
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
  /** Payload of one frame. The protocol's minimum, so it is not announced. More: FRAME_SIZE_ERROR. */
  readonly frameBytes: number;
  /** Request body bytes of a stream that may wait for the application. At least 65,535. Announced. */
  readonly streamWindowBytes: number;
  /** The same for all streams of a connection together. At least 65,535. Announced. */
  readonly connectionWindowBytes: number;
  /** Output that the peer has not read; beyond it the connection is not read. */
  readonly unsentBytes: number;

  /** Exceeding any of these rates ends the connection with GOAWAY and ENHANCE_YOUR_CALM. */
  readonly settings: RateLimit;
  /** Pings beyond one whenever DATA was sent since the last ping, which gRPC's bandwidth estimate needs. */
  readonly pings: RateLimit;
  readonly emptyData: RateLimit;
  readonly priorities: RateLimit;
  /** WINDOW_UPDATE frames beyond two per DATA frame sent. */
  readonly windowUpdates: RateLimit;
  /** Streams that the peer reset, or made the server reset; a stream that ends early costs the peer nothing. */
  readonly resets: RateLimit;
  /** Frames of unknown types, and frames on closed streams. */
  readonly strayFrames: RateLimit;

  /** Time limit for the preface and SETTINGS, a frame or a header block, from first to last byte. */
  readonly frameMs: number;
  /** After this idle time, a connection without streams gets a GOAWAY; one with open streams gets a PING. */
  readonly idleMs: number;
  /** Time limit for the answer to that ping. */
  readonly pingMs: number;
  /** Time limit for a peer that grants no window (the stream is reset) or does not read (the connection is closed). */
  readonly stalledMs: number;
  /** How long an address is refused after it exceeded a rate; 0: it is not refused. */
  readonly penaltyMs: number;
  /** Time limit for the peer to close its side after the last frame was sent. */
  readonly lingerMs: number;
  /**
   * Age at which a connection gets a GOAWAY, plus or minus 10 %, so that connections opened together do not reconnect
   * together. Open streams are served to the end. Infinity: never.
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
