import type { Problem } from '../../../http/problem.ts';
import { addressKey } from '../../../http/request/address-key.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

const WINDOW_MS = 60_000;
/** Limit of wrong tokens with the same prefix from one address per minute. */
const MAX_OF_PREFIX = 5;
/** Limit of wrong tokens from one address per minute. */
const MAX_OF_ADDRESS = 30;
const PREFIX_CHARACTERS = 4;
/** Addresses and prefixes remembered at once; the oldest are dropped first. */
const MAX_REMEMBERED = 20_000;

/**
 * Counts wrong tokens by address and by prefix, so that a program with an outdated token does not use up the attempts
 * of the people behind the same address. Valid tokens are neither counted nor rejected.
 */
export class WrongTokens {
  readonly #now: () => number;
  readonly #tries = new Map<string, { count: number; since: number }>();

  /** @param now a clock in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Counts a wrong token; returns a problem if the address has sent too many. */
  add(client: string, token: string): Problem | undefined {
    const address = addressKey(client);
    const prefix = this.#count(`${address} ${token.slice(0, PREFIX_CHARACTERS)}`);
    const all = this.#count(address);
    const over = all.count > MAX_OF_ADDRESS ? all : prefix;
    const limit = over === all ? MAX_OF_ADDRESS : MAX_OF_PREFIX;
    if (over.count <= limit) return undefined;
    const retryAfter = Math.max(1, Math.ceil((over.since + WINDOW_MS - this.#now()) / 1000));
    const detail = `This address has sent more than ${limit} wrong tokens in a minute; try again in ${retryAfter} s`;
    return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
  }

  #count(key: string): { readonly count: number; readonly since: number } {
    const before = this.#tries.get(key);
    const isRecent = before !== undefined && this.#now() - before.since < WINDOW_MS;
    const tries = isRecent ? { ...before, count: before.count + 1 } : { count: 1, since: this.#now() };
    this.#tries.delete(key);
    this.#tries.set(key, tries);
    if (this.#tries.size > MAX_REMEMBERED) this.#tries.delete(this.#tries.keys().next().value ?? '');
    return tries;
  }
}
