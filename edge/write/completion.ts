import type { Completion, EntryBuffer, EntryResult } from './entry/entry-buffer.ts';
import type { BatchOutcome, RejectReason, SubmitOutcome } from './submit.ts';

/** Completes one vote. */
export class SingleCompletion implements Completion {
  readonly #done: (outcome: SubmitOutcome) => void;

  constructor(done: (outcome: SubmitOutcome) => void) {
    this.#done = done;
  }

  complete(entry: EntryBuffer, place: number, result: EntryResult): void {
    if (result.status === 'stored') {
      const index = entry.firsts[place] as number;
      this.#done({ status: 'stored', partition: entry.partition, entryId: result.entryId, index });
    } else {
      this.#done(result);
    }
  }
}

/** Completes a batch once each of the entries that its votes went to has a result. */
export class BatchCompletion implements Completion {
  /** Entries that hold votes of this batch and have no result yet. */
  entries = 0;
  readonly #done: (outcome: BatchOutcome) => void;
  readonly #rejected: number[] = [];
  #sealed = false;
  #stored = 0;
  #reason: RejectReason | undefined;
  #unknown = 0;
  #detail = '';

  constructor(done: (outcome: BatchOutcome) => void) {
    this.#done = done;
  }

  reject(origin: number, reason: RejectReason): void {
    this.#rejected.push(origin);
    this.#reason = reason;
  }

  /** No further votes will be added. */
  seal(): void {
    this.#sealed = true;
    if (this.entries === 0) queueMicrotask(() => this.#finish());
  }

  complete(entry: EntryBuffer, place: number, result: EntryResult): void {
    const count = entry.counts[place] as number;
    if (result.status === 'stored') this.#stored += count;
    else if (result.status === 'unknown') {
      this.#unknown += count;
      this.#detail = result.detail;
    } else {
      const first = entry.firsts[place] as number;
      for (let i = first; i < first + count; i++) this.reject(entry.origins[i] as number, result.reason);
    }
    this.entries--;
    if (this.entries === 0 && this.#sealed) this.#finish();
  }

  #finish(): void {
    this.#done({
      stored: this.#stored,
      rejected: this.#rejected.sort((a, b) => a - b),
      reason: this.#reason,
      unknown: this.#unknown,
      detail: this.#detail,
    });
  }
}
