/** Something with a deadline. */
export interface Expiring {
  /** Milliseconds of `performance.now()`; Infinity: never. */
  readonly deadline: number;
  /** Index in Deadlines, which sets it; -1: not watched. */
  place: number;
  expire(): void;
}

const TICK_MS = 25;

/**
 * Watches the deadlines of many calls with one timer. Node keeps a list of timers per duration, and clients send many
 * different durations, so a timer per call would be expensive. Calls expire up to 25 ms late, never early.
 *
 * Not a Set: see OpenStreams.
 */
export class Deadlines {
  readonly #watched: Expiring[] = [];
  readonly #timer: NodeJS.Timeout;
  /** Milliseconds of `performance.now()`, as of the last tick. */
  now = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** The number of watched calls. */
  get size(): number {
    return this.#watched.length;
  }

  add(expiring: Expiring): void {
    expiring.place = this.#watched.push(expiring) - 1;
  }

  delete(expiring: Expiring): void {
    const { place } = expiring;
    if (place < 0) return;
    expiring.place = -1;
    const last = this.#watched.pop();
    if (last === undefined || last === expiring) return;
    this.#watched[place] = last;
    last.place = place;
  }

  #tick(): void {
    const now = performance.now();
    this.now = now;
    // Iterates from the end, because a call that ends is replaced by the last one.
    for (let at = this.#watched.length - 1; at >= 0; at--) {
      const expiring = this.#watched[at];
      if (expiring !== undefined && expiring.deadline <= now) expiring.expire();
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#watched.length = 0;
  }
}
