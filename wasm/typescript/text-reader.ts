/** Maximum number of cached ids. Only deployments with many contests exceed it, and then decode more often. */
const MAX_KEPT = 4096;
/** Below this many bytes a loop costs less than a call of TextDecoder. */
const SHORT = 24;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes slices of `bytes`. */
export class TextReader {
  bytes: Uint8Array = new Uint8Array();
  /** Caches the strings of ids, which repeat. The key is a hash of the bytes. */
  readonly #kept = new Map<number, string>();

  /** An ASCII string that is likely to be cached. */
  id(start: number, end: number): string {
    const { bytes } = this;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const kept = this.#kept.get(hash);
    if (kept !== undefined && this.#is(kept, start, end)) return kept;
    const text = this.text(start, end);
    if (this.#kept.size === MAX_KEPT) this.#kept.clear();
    this.#kept.set(hash, text);
    return text;
  }

  text(start: number, end: number): string {
    const { bytes } = this;
    if (end - start > SHORT) return utf8.decode(bytes.subarray(start, end));
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #is(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== this.bytes[start + at]) return false;
    return true;
  }
}
