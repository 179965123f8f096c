/** This store did not issue the cursor. The client gets 400 with this message. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';

  constructor() {
    super('The cursor was not issued by this log: pass `next` of the previous page unchanged, or omit it.');
  }
}

/** The end of a page, which shows all entries before `key`, and the votes of that entry from `index` on. */
export interface LogPosition<Key> {
  readonly key: Key;
  readonly index: number;
}

/**
 * Encodes a position as `LogPage.next`. It needs no signature: a forged cursor only starts at another position of a log
 * that its caller may read anyway.
 */
export function writeCursor(kind: string, position: LogPosition<readonly unknown[]>): string {
  return Buffer.from(JSON.stringify([kind, position.index, ...position.key])).toString('base64url');
}

/**
 * Decodes the output of `writeCursor`.
 *
 * @param isKey checks that the rest of the cursor is a key of this store
 * @throws {BadCursorError} if it is invalid or from another kind of store
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

/** An integer from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @throws {RangeError} if a page's limit is not an integer from 1 to 1000 */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new RangeError(`limit must be an integer from 1 to 1000; got ${limit}`);
  }
}

function parse(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // The text is not an output of writeCursor.
    return undefined;
  }
}
