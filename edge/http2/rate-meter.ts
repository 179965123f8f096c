import type { Clock } from './clock.ts';
import type { RateLimit } from './limits.ts';

/** Counts events of one kind on one connection against their rate. */
export class RateMeter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now;
  }

  /** Counts an event; returns false if it exceeds the rate. */
  take(): boolean {
    if (this.#tokens < 1) this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Allows further events, up to the burst. */
  earn(events: number): void {
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + events);
  }

  #fill(): void {
    const { now } = this.#clock;
    this.earn(((now - this.#filledAt) * this.#limit.perSecond) / 1000);
    this.#filledAt = now;
  }
}
