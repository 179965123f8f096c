/** So many addresses are remembered; a peer with more of them is beyond what one process can do. */
const MAX_ADDRESSES = 10_000;
/** A proxy on this machine: its floods are those of its clients, of whom most are honest. */
const NEVER_REFUSED = new Set(['', '127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Addresses whose connection was ended for a flood. Reconnecting would give a peer each limit anew. */
export class Penalties {
  readonly #ms: number;
  /** Until when each is refused, in milliseconds of the clock. The oldest is first. */
  readonly #until = new Map<string, number>();

  /** @param ms how long an address is refused; 0: no address is */
  constructor(ms: number) {
    this.#ms = ms;
  }

  add(address: string, now: number): void {
    if (this.#ms === 0 || NEVER_REFUSED.has(address)) return;
    this.#until.delete(address);
    this.#until.set(address, now + this.#ms);
    if (this.#until.size > MAX_ADDRESSES) this.#forget(this.#until.keys().next().value);
  }

  refuses(address: string, now: number): boolean {
    const until = this.#until.get(address);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(address);
    return false;
  }

  #forget(address: string | undefined): void {
    if (address !== undefined) this.#until.delete(address);
  }
}
