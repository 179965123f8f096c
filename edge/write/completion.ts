import type { EntryBuffer, EntryOwner, EntryResult } from './entry-buffer.ts';
import type { BatchOutcome, RefusedReason, SubmitOutcome } from './producer.ts';

/** Waits for votes that stand together in one entry. */
export class SingleCompletion implements EntryOwner {
  readonly #done: (outcome: SubmitOutcome) => void;

  constructor(done: (outcome: SubmitOutcome) => void) {
    this.#done = done;
  }

  settle(entry: EntryBuffer, place: number, result: EntryResult): void {
    if (result.status === 'stored') {
      const index = entry.firsts[place] as number;
      this.#done({ status: 'stored', partition: entry.partition, entryId: result.entryId, index });
    } else {
      this.#done(result);
    }
  }
}

/** Adds up what became of a batch's votes, which are spread over many entries. */
export class BatchCompletion implements EntryOwner {
  /** In how many entries it has votes that are not settled. */
  entries = 0;
  readonly #done: (outcome: BatchOutcome) => void;
  readonly #refused: number[] = [];
  #complete = false;
  #stored = 0;
  #reason: RefusedReason | undefined;
  #unknown = 0;
  #detail = '';

  constructor(done: (outcome: BatchOutcome) => void) {
    this.#done = done;
  }

  refuse(origin: number, reason: RefusedReason): void {
    this.#refused.push(origin);
    this.#reason = reason;
  }

  /** No further votes will be added. */
  complete(): void {
    this.#complete = true;
    if (this.entries === 0) queueMicrotask(() => this.#finish());
  }

  settle(entry: EntryBuffer, place: number, result: EntryResult): void {
    const count = entry.counts[place] as number;
    if (result.status === 'stored') this.#stored += count;
    else if (result.status === 'unknown') {
      this.#unknown += count;
      this.#detail = result.detail;
    } else {
      const first = entry.firsts[place] as number;
      for (let i = first; i < first + count; i++) this.refuse(entry.origins[i] as number, result.reason);
    }
    this.entries--;
    if (this.entries === 0 && this.#complete) this.#finish();
  }

  #finish(): void {
    this.#done({
      stored: this.#stored,
      refused: this.#refused.sort((a, b) => a - b),
      reason: this.#reason,
      unknown: this.#unknown,
      detail: this.#detail,
    });
  }
}
