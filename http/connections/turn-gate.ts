/** A page costs as much as dozens of votes, which wait for as many as begin in one turn of the event loop. */
const READS_PER_TURN = 2;

/** Lets a few tasks begin in each turn of the event loop; further ones wait for the next turns, in order. */
export class TurnGate {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  constructor(perTurn = READS_PER_TURN) {
    this.#perTurn = perTurn;
  }

  /** Begins the task now, or in a later turn. */
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
