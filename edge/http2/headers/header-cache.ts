import type { RequestHeaders } from './request-headers.ts';

const ENTRIES = 8;
/** Longer blocks are unlikely to repeat. */
const MAX_BLOCK_BYTES = 256;

interface Entry {
  readonly block: Uint8Array;
  readonly tableVersion: number;
  readonly headers: RequestHeaders;
}

/**
 * Caches decoded header blocks of one connection. Once its table is filled, a client sends the headers of equal
 * requests as the same bytes. They have the same meaning as long as the table is unchanged; the caller ensures this by
 * storing only blocks that did not change it.
 */
export class HeaderCache {
  readonly #entries: Entry[] = [];
  #next = 0;
  #latest = 0;

  /** The cached headers of block[start, end) for this version of the table. */
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

/** Repeating blocks have 10 to 20 bytes; comparing them here is faster than calling out of JavaScript. */
function equals(known: Uint8Array, block: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== block[start + at]) return false;
  return true;
}
