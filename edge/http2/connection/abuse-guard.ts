import type { Clock } from '../clock.ts';
import { FrameType } from '../frames/frame.ts';
import type { Http2Limits } from '../limits.ts';
import { RateMeter } from '../rate-meter.ts';

/** Frames that cost the server more than the peer; each kind has its own rate. */
export type AbuseKind = 'settings' | 'pings' | 'emptyData' | 'priorities' | 'windowUpdates' | 'resets' | 'strayFrames';

/** Limits useless work that a peer may cause on one connection. Meters are created on first use. */
export class AbuseGuard {
  readonly #limits: Http2Limits;
  readonly #clock: Clock;
  readonly #meters = new Map<AbuseKind, RateMeter>();
  #dataSent = 0;
  #answeredSincePing = false;

  constructor(limits: Http2Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Notes sent DATA frames, for which a client may return window and measure its bandwidth with a ping. */
  dataSent(frames: number): void {
    this.#dataSent += frames;
    this.#answeredSincePing = true;
  }

  /** Returns false if there are too many. */
  allows(kind: AbuseKind): boolean {
    if (kind === 'pings' && this.#answeredSincePing) {
      this.#answeredSincePing = false;
      return true;
    }
    let meter = this.#meters.get(kind);
    if (meter === undefined) {
      meter = new RateMeter(this.#limits[kind], this.#clock);
      this.#meters.set(kind, meter);
    }
    if (kind === 'windowUpdates') {
      // One for the stream and one for the connection.
      meter.earn(2 * this.#dataSent);
      this.#dataSent = 0;
    }
    return meter.take();
  }
}

/** The rate that all frames of a type are counted against; undefined: none. */
export function abuseKindOf(type: number): AbuseKind | undefined {
  if (type === FrameType.SETTINGS) return 'settings';
  if (type === FrameType.PING) return 'pings';
  if (type === FrameType.PRIORITY) return 'priorities';
  if (type === FrameType.WINDOW_UPDATE) return 'windowUpdates';
  return type > FrameType.CONTINUATION ? 'strayFrames' : undefined;
}
