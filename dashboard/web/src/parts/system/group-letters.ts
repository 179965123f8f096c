import type { DeadLetterItem } from '../../../../api/dead-letters.ts';

/** An entry with its dead letters: it may have failed in both groups. */
export interface DeadEntry {
  readonly key: string;
  readonly letters: readonly DeadLetterItem[];
}

/** Entries that failed for the same reason. */
export interface LetterCause {
  /** The reason, with numbers and ids replaced by `#`. */
  readonly cause: string;
  readonly entries: readonly DeadEntry[];
  readonly votes: number;
  /** ISO 8601 in UTC. */
  readonly lastFailure: string;
}

/**
 * Dead letters by cause, most frequent first. An entry that failed in both groups counts once, under its first cause.
 */
export function groupLetters(items: readonly DeadLetterItem[]): LetterCause[] {
  const byEntry = Map.groupBy(items, ({ partition, position }) => `p${partition} ${position}`);
  const entries = [...byEntry].map(([key, letters]) => ({ key, letters }));
  const byCause = Map.groupBy(entries, ({ letters }) => causeOf(letters[0]?.reason ?? ''));
  return [...byCause]
    .map(([cause, own]) => ({
      cause,
      entries: own,
      votes: own.reduce((sum, { letters }) => sum + Math.max(...letters.map(({ votes }) => votes)), 0),
      lastFailure:
        own
          .flatMap(({ letters }) => letters.map(({ lastFailure }) => lastFailure))
          .sort()
          .at(-1) ?? '',
    }))
    .sort((a, b) => b.entries.length - a.entries.length || (a.cause < b.cause ? -1 : 1));
}

function causeOf(reason: string): string {
  return reason.replaceAll(/\d+(-\d+)?/g, '#');
}
