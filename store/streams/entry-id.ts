/** A Redis stream entry id, `<ms>-<n>`. */
export interface EntryId {
  /** Redis's clock when the entry was written, in milliseconds since 1970. */
  readonly ms: number;
  /** Distinguishes entries of the same millisecond. */
  readonly n: number;
}

/** Undefined if the text is not an entry id, or its numbers are too large. */
export function parseEntryId(text: string): EntryId | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  return match === null ? undefined : { ms: Number(match[1]), n: Number(match[2]) };
}

export function formatEntryId({ ms, n }: EntryId): string {
  return `${ms}-${n}`;
}

/** Negative if `a` came before `b`. */
export function compareEntryIds(a: EntryId, b: EntryId): number {
  return a.ms - b.ms || a.n - b.n;
}
