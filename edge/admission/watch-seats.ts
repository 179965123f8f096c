import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';

export const MAX_WATCHES = 10_000;
export const MAX_WATCHES_PER_ADDRESS = 500;

/** Counts open watches, so that one address cannot take them all. */
export class WatchSeats {
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  /** Takes a seat: a function that gives it back, or the problem if there is none. */
  take(address: string): (() => void) | Problem {
    const seats = this.#byAddress.get(address) ?? 0;
    if (seats >= MAX_WATCHES_PER_ADDRESS) return TOO_MANY_OF_ADDRESS;
    if (this.#total >= MAX_WATCHES) return TOO_MANY;
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

const TOO_MANY_OF_ADDRESS: Problem = {
  code: ErrorCode.RATE_LIMITED,
  detail: `This address has ${MAX_WATCHES_PER_ADDRESS} open watches; close one first`,
};

const TOO_MANY: Problem = {
  code: ErrorCode.OVERLOADED,
  detail: `This edge has ${MAX_WATCHES} open watches; try again later or on another edge`,
  retryAfter: 10,
};
