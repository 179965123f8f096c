/** A cursor that this store did not hand out. The caller's fault: a 400, with the message as it stands. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';

  constructor() {
    super(
      'The cursor is not one that this log handed out: pass `next` of the page before as it stands, or leave it out.',
    );
  }
}

/** Where a page ended: votes from `index` on of the entry at `key` were shown, and all entries before it. */
export interface LogPosition<Key> {
  readonly key: Key;
  readonly index: number;
}

/**
 * Makes a position into the text of `LogPage.next`. It needs no signature: whoever makes one up starts reading from
 * another place of a log that they may read anyway.
 */
export function writeCursor(kind: string, position: LogPosition<readonly unknown[]>): string {
  return Buffer.from(JSON.stringify([kind, position.index, ...position.key])).toString('base64url');
}

/**
 * Reads what `writeCursor` wrote.
 *
 * @param isKey says whether the rest of the cursor is a key of this store
 * @throws {BadCursorError} where it is not one, or comes from a store of another kind
 */
export function readCursor<Key extends readonly unknown[]>(
  kind: string,
  cursor: string,
  isKey: (key: readonly unknown[]) => key is Key,
): LogPosition<Key> {
  const parsed = parse(cursor);
  if (!Array.isArray(parsed)) throw new BadCursorError();
  const [from, index, ...key]: readonly unknown[] = parsed;
  if (from !== kind || !isCount(index) || !isKey(key)) throw new BadCursorError();
  return { key, index };
}

/** A whole number from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @throws {RangeError} where a page's limit is not a whole number from 1 to 1000 */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new RangeError(`limit=${limit} is not allowed: it must be a whole number from 1 to 1000.`);
  }
}

function parse(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not what writeCursor writes, whatever it is.
    return undefined;
  }
}
