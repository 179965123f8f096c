import { addressKey } from '../../http/request/address-key.ts';

/** Bounds the memory; one process cannot hold off an attacker with more addresses. */
const MAX_ADDRESSES = 10_000;
/** A loopback address is a proxy on this machine; one client's flood must not shut out the others behind it. */
const NEVER_REFUSED = new Set(['', '127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Refuses addresses for a while after a flood, because reconnecting would reset every limit. */
export class Penalties {
  readonly #ms: number;
  /** When each refusal ends, in milliseconds of the clock; oldest first. */
  readonly #until = new Map<string, number>();

  /** @param ms how long an address is refused; 0: never */
  constructor(ms: number) {
    this.#ms = ms;
  }

  add(address: string, now: number): void {
    if (this.#ms === 0 || NEVER_REFUSED.has(address)) return;
    const key = addressKey(address);
    this.#until.delete(key);
    this.#until.set(key, now + this.#ms);
    if (this.#until.size > MAX_ADDRESSES) this.#forget(this.#until.keys().next().value);
  }

  refuses(address: string, now: number): boolean {
    if (this.#until.size === 0) return false;
    const key = addressKey(address);
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(key);
    return false;
  }

  #forget(address: string | undefined): void {
    if (address !== undefined) this.#until.delete(address);
  }
}
