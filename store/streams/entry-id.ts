/** A Redis stream entry id, `<ms>-<n>`. */
export interface EntryId {
  /** Redis's clock when the entry was written, in milliseconds since 1970. */
  readonly ms: number;
  /** Tells entries of one millisecond apart. */
  readonly n: number;
}

/** Undefined where the text is not an entry id, or one whose numbers do not fit. */
export function parseEntryId(text: string): EntryId | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  return match === null ? undefined : { ms: Number(match[1]), n: Number(match[2]) };
}

export function formatEntryId({ ms, n }: EntryId): string {
  return `${ms}-${n}`;
}

/** Below 0 where `a` came before `b`. */
export function compareEntryIds(a: EntryId, b: EntryId): number {
  return a.ms - b.ms || a.n - b.n;
}
