export interface Flushable {
  flush(): void;
}

/**
 * Flushes, once all input of this turn of the event loop has been handled, whatever has output: the answers to a
 * connection's streams leave in one write, which costs more than all the rest of an answer.
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
