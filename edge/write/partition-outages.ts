import type { EntryResult } from './entry/entry-buffer.ts';

/** A partition without votes would otherwise count as away until its next vote, long after its server came back. */
const FORGOTTEN_AFTER_MS = 10_000;

/** The partitions whose last write was not confirmed because their server is away. */
export class PartitionOutages {
  readonly #failedAt = new Map<number, number>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  observe(partition: number, result: EntryResult): void {
    if (result.status === 'stored') {
      if (this.#failedAt.size > 0) this.#failedAt.delete(partition);
    } else if (result.status === 'unknown' || result.reason === 'unavailable') {
      this.#failedAt.set(partition, this.#now());
    }
  }

  /** In ascending order. */
  get partitions(): readonly number[] {
    const since = this.#now() - FORGOTTEN_AFTER_MS;
    const away = [...this.#failedAt].flatMap(([partition, failedAt]) => (failedAt > since ? [partition] : []));
    return away.sort((a, b) => a - b);
  }
}
