import assert from 'node:assert/strict';
import { BadCursorError, isCount, readCursor, writeCursor } from '../../../store/log/reads/log-cursor.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { textOf, texts } from './damaged.ts';

type Key = readonly [number, string];

const isKey = (key: readonly unknown[]): key is Key =>
  key.length === 2 && isCount(key[0]) && typeof key[1] === 'string';
const written = Array.from({ length: 100 }, (_, n) => {
  const key = 7 ** (n % 19);
  return writeCursor('sqlite', { key: [key, `${key}-1`], index: (n * 37) % 500 });
});

/** A cursor is read as it was written or rejected with BadCursorError, and the result is a key of the store. */
export function cursorTarget(read: typeof readCursor = readCursor): FuzzTarget {
  return {
    inputs: texts(written),
    check(input) {
      const text = textOf(input);
      try {
        const position = read('sqlite', text, isKey);
        assert.ok(isCount(position.index) && isKey(position.key), JSON.stringify(position));
        assert.deepEqual(read('sqlite', writeCursor('sqlite', position), isKey), position);
      } catch (error) {
        if (!(error instanceof BadCursorError)) throw error;
        assert.ok(!written.includes(text), `A cursor of this store is rejected: ${text}`);
      }
    },
  };
}
