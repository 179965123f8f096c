/**
 * Turns the bytes of ids into strings, one string for the same bytes: contests and choices are few and come millions of
 * times, and decoding each takes longer than looking it up.
 */
export class Interner {
  readonly #accept: (text: string) => boolean;
  readonly #slots: ({ bytes: Uint8Array; text: string } | undefined)[] = new Array(4096);

  /** @param accept decides at first sight which texts are known afterwards */
  constructor(accept: (text: string) => boolean) {
    this.#accept = accept;
  }

  /** The text from `start` to `end`; undefined where it is not accepted. */
  text(bytes: Buffer, start: number, end: number): string | undefined {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (hash * 31 + (bytes[i] ?? 0)) | 0;
    const slot = hash & 4095;
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, end)) return known.text;
    const text = bytes.toString('latin1', start, end);
    if (!this.#accept(text)) return undefined;
    // Two that share a slot take turns in it: slower, and right.
    this.#slots[slot] = { bytes: Uint8Array.from(bytes.subarray(start, end)), text };
    return text;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
