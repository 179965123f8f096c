import type { Clock } from '../clock.ts';
import { FrameType } from '../frames/frame.ts';
import type { Http2Limits } from '../limits.ts';
import { RateMeter } from '../rate-meter.ts';

/** Frames that cost the peer nothing and the server something, each counted against a rate of its own. */
export type AbuseKind = 'settings' | 'pings' | 'emptyData' | 'priorities' | 'windowUpdates' | 'resets' | 'strayFrames';

/** Bounds what a peer may do in vain on one connection. The meters are created when they are first needed. */
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

  /** DATA frames were sent: a client may return window for them, and measure its bandwidth with a ping. */
  dataSent(frames: number): void {
    this.#dataSent += frames;
    this.#answeredSincePing = true;
  }

  /** False: too many of them. */
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

/** The rate that frames of a type are counted against besides what they do; undefined: none. */
export function abuseKindOf(type: number): AbuseKind | undefined {
  if (type === FrameType.SETTINGS) return 'settings';
  if (type === FrameType.PING) return 'pings';
  if (type === FrameType.PRIORITY) return 'priorities';
  if (type === FrameType.WINDOW_UPDATE) return 'windowUpdates';
  return type > FrameType.CONTINUATION ? 'strayFrames' : undefined;
}
