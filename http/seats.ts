import type { Problem } from './problem.ts';
import { addressKey } from './request/address-key.ts';

export interface SeatsOptions {
  readonly max: number;
  readonly maxPerAddress: number;
  readonly tooMany: Problem;
  readonly tooManyOfAddress: Problem;
}

/** Limits the open streams in total and per address (see `addressKey`), so that one client cannot take all of them. */
export class Seats {
  readonly #options: SeatsOptions;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  /** Takes a seat. Returns a function that releases it, or a problem if none is free. */
  take(client: string): (() => void) | Problem {
    const address = addressKey(client);
    const { max, maxPerAddress, tooMany, tooManyOfAddress } = this.#options;
    const seats = this.#byAddress.get(address) ?? 0;
    if (seats >= maxPerAddress) return tooManyOfAddress;
    if (this.#total >= max) return tooMany;
    this.#byAddress.set(address, seats + 1);
    this.#total++;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#total--;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}
