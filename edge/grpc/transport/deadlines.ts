/** Something with a deadline. */
export interface Expiring {
  /** Milliseconds of `performance.now()`; Infinity: never. */
  readonly deadline: number;
  expire(): void;
}

const TICK_MS = 25;

/**
 * Watches the deadlines of many calls with one timer. A call costs one `add` and one `delete` of a Set; a timer per call
 * would cost an object in a list of timers of the same duration, and each client sends another duration. Calls expire up
 * to 25 ms late, never early.
 */
export class Deadlines {
  readonly #watched = new Set<Expiring>();
  readonly #timer: NodeJS.Timeout;
  /** Milliseconds of `performance.now()`, as of the last tick. */
  now = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** How many calls are watched. */
  get size(): number {
    return this.#watched.size;
  }

  add(expiring: Expiring): void {
    this.#watched.add(expiring);
  }

  delete(expiring: Expiring): void {
    this.#watched.delete(expiring);
  }

  #tick(): void {
    const now = performance.now();
    this.now = now;
    for (const expiring of this.#watched) if (expiring.deadline <= now) expiring.expire();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }
}
