import type { EntryResult } from './entry/entry-buffer.ts';

/** The partitions whose last write was not confirmed because their server is away. */
export class PartitionOutages {
  readonly #away = new Set<number>();

  observe(partition: number, result: EntryResult): void {
    if (result.status === 'stored') {
      if (this.#away.size > 0) this.#away.delete(partition);
    } else if (result.status === 'unknown' || result.reason === 'unavailable') this.#away.add(partition);
  }

  /** In ascending order. */
  get partitions(): readonly number[] {
    return [...this.#away].sort((a, b) => a - b);
  }
}
