import type { RequestHeaders } from './request-headers.ts';

const ENTRIES = 8;
/** Longer blocks are not those that come again and again. */
const MAX_BLOCK_BYTES = 256;

interface Entry {
  readonly block: Uint8Array;
  readonly tableVersion: number;
  readonly headers: RequestHeaders;
}

/**
 * Remembers header blocks of one connection and what they decode to. A client sends the same request's headers as the
 * same bytes once its table is filled. They mean the same as long as the table has not changed, which the caller checks
 * by storing only blocks that did not change it.
 */
export class HeaderCache {
  readonly #entries: Entry[] = [];
  #next = 0;
  #latest = 0;

  /** The headers that block[start, end) has stood for at this version of the table. */
  find(block: Buffer, start: number, end: number, tableVersion: number): RequestHeaders | undefined {
    const entries = this.#entries;
    for (let tried = 0, at = this.#latest; tried < entries.length; tried++, at = (at + 1) % entries.length) {
      const entry = entries[at];
      if (entry?.tableVersion === tableVersion && equals(entry.block, block, start, end)) {
        this.#latest = at;
        return entry.headers;
      }
    }
    return undefined;
  }

  store(block: Buffer, start: number, end: number, tableVersion: number, headers: RequestHeaders): void {
    if (end - start > MAX_BLOCK_BYTES) return;
    this.#entries[this.#next] = { block: Uint8Array.prototype.slice.call(block, start, end), tableVersion, headers };
    this.#latest = this.#next;
    this.#next = (this.#next + 1) % ENTRIES;
  }
}

/** Blocks that repeat have 10 to 20 bytes: comparing them here takes less than calling out of JavaScript. */
function equals(known: Uint8Array, block: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== block[start + at]) return false;
  return true;
}
