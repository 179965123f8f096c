export interface Flushable {
  flush(): void;
}

/**
 * Flushes all output once the input of this turn of the event loop has been handled, so that the answers to a
 * connection's streams share one write. The write is the most expensive part of an answer.
 */
export class FlushTurn {
  #waiting: Flushable[] = [];

  schedule(flushable: Flushable): void {
    if (this.#waiting.push(flushable) === 1) setImmediate(this.#run);
  }

  readonly #run = () => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const flushable of waiting) flushable.flush();
  };
}
