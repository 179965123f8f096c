/** A page takes as much CPU as dozens of votes, and votes wait for all pages that begin in a turn of the event loop. */
const READS_PER_TURN = 2;

/** Starts a few tasks per turn of the event loop; further ones wait for later turns, in order. */
export class TurnGate {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  constructor(perTurn = READS_PER_TURN) {
    this.#perTurn = perTurn;
  }

  /** Starts the task now or in a later turn. */
  run(task: () => void): void {
    if (this.#begun === 0) setImmediate(this.#nextTurn);
    if (this.#begun >= this.#perTurn) {
      this.#waiting.push(task);
      return;
    }
    this.#begun++;
    task();
  }

  readonly #nextTurn = () => {
    this.#begun = 0;
    for (const task of this.#waiting.splice(0, this.#perTurn)) this.run(task);
  };
}
