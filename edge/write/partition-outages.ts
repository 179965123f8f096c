import type { EntryResult } from './entry/entry-buffer.ts';

/**
 * Otherwise a partition without votes would count as unavailable until its next vote, long after its server recovered.
 */
const FORGOTTEN_AFTER_MS = 10_000;

/** The partitions whose last write was not confirmed because their server is unavailable. */
export class PartitionOutages {
  readonly #failedAt = new Map<number, number>();
  readonly #now: () => number;

  /** @param now a monotonic clock in milliseconds */
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
