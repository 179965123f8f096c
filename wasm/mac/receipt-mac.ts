import { MacInstance } from './mac-instance.ts';

/** Bytes of a tag. */
export const RECEIPT_TAG_BYTES = 8;

const PURPOSE = 'votewire receipt';

/**
 * Signs receipts: SipHash-2-4 with a separate key, the first 16 bytes of HMAC-SHA-256(secret, "votewire receipt").
 * 64 bits are enough: an attacker can only guess online, one request per guess.
 */
export class ReceiptMac {
  readonly #mac: MacInstance;
  readonly #tag: Uint8Array;

  /** Takes the module from `loadModule('mac')`, and the deployment's secret, of any length. */
  constructor(module: WebAssembly.Module, secret: Uint8Array) {
    this.#mac = new MacInstance(module);
    this.#mac.input.set(this.#mac.deriveKey(secret, PURPOSE));
    this.#mac.exports.useSipKey();
    this.#tag = this.#mac.output.subarray(0, RECEIPT_TAG_BYTES);
  }

  /** Appends the tag of the first `length` bytes of `receipt`. */
  sign(receipt: Uint8Array, length: number): void {
    this.#compute(receipt, length);
    receipt.set(this.#tag, length);
  }

  /** Whether the tag after the first `length` bytes is valid, in constant time. */
  verify(receipt: Uint8Array, length: number): boolean {
    if (receipt.length !== length + RECEIPT_TAG_BYTES) return false;
    this.#compute(receipt, length);
    let difference = 0;
    for (let at = 0; at < RECEIPT_TAG_BYTES; at++) {
      difference |= (receipt[length + at] ?? 0) ^ (this.#tag[at] ?? 0);
    }
    return difference === 0;
  }

  #compute(receipt: Uint8Array, length: number): void {
    const { input, exports } = this.#mac;
    // A receipt has about 16 bytes: a loop costs less than `subarray` and `set`.
    for (let at = 0; at < length; at++) input[at] = receipt[at] ?? 0;
    exports.tag(length);
  }
}
