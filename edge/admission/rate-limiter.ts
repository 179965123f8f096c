import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RateLimitConfig } from '../config.ts';

interface RateLimiterOptions extends RateLimitConfig {
  /** A monotonic clock in milliseconds. Default: performance.now. */
  readonly now?: () => number;
}

/** Addresses remembered at once; beyond that the least recently seen are forgotten. */
const MAX_ADDRESSES = 100_000;

/** How many votes each address may still send to this edge, over all transports: one token bucket per address. */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #now: () => number;
  /** Least recently seen first: a Map keeps the order of insertion. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Takes one vote off the address's quota; the problem if it is used up. */
  take(address: string): Problem | undefined {
    const { perSecond } = this.#options;
    const bucket = this.#fill(address);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    const retryAfter = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    const detail = `This address has sent more than ${perSecond} votes per second; try again in ${retryAfter} s`;
    return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
  }

  /** Takes further votes of an accepted batch off the quota: no request passes until they are made up for. */
  charge(address: string, votes: number): void {
    this.#fill(address).tokens -= votes;
  }

  #fill(address: string): { tokens: number; at: number } {
    const { perSecond, burst } = this.#options;
    const time = this.#now();
    const bucket = this.#buckets.get(address) ?? { tokens: burst, at: time };
    bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) * perSecond) / 1000);
    bucket.at = time;
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    return bucket;
  }
}
