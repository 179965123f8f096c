import type { StreamEntry } from '../../consumer/group/stream-entry.ts';
import type { LOG_GROUP, TALLY_GROUP } from '../../store/streams/keys.ts';

export type Group = typeof TALLY_GROUP | typeof LOG_GROUP;

/** Entries delivered to each consumer and not finished, by group and name. */
export class HeldEntries {
  readonly #held = new Map<string, Map<string, StreamEntry>>();

  clear(): void {
    this.#held.clear();
  }

  add(group: Group, consumer: string, entries: readonly StreamEntry[]): void {
    const name = `${group} ${consumer}`;
    const held = this.#held.get(name) ?? new Map<string, StreamEntry>();
    for (const entry of entries) held.set(entry.id, entry);
    this.#held.set(name, held);
  }

  /** Oldest first. */
  of(group: Group, consumer: string): StreamEntry[] {
    return [...(this.#held.get(`${group} ${consumer}`)?.values() ?? [])];
  }

  /** Drops one entry, or all. */
  drop(group: Group, consumer: string, id?: string): void {
    const name = `${group} ${consumer}`;
    if (id === undefined) this.#held.delete(name);
    else this.#held.get(name)?.delete(id);
  }
}
