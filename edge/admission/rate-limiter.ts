import type { Problem } from '../../http/problem.ts';
import type { Quota } from '../../http/quota.ts';
import { addressKey } from '../../http/request/address-key.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RateLimitConfig } from '../config.ts';

interface RateLimiterOptions extends RateLimitConfig {
  /** The limited unit in the plural, such as `votes`. */
  readonly unit: string;
  /** A monotonic clock in milliseconds. Default: performance.now. */
  readonly now?: () => number;
}

/** Maximum number of addresses; beyond it the least recently seen are dropped. */
const MAX_ADDRESSES = 100_000;

/** Limits what an address may send to this edge, with one token bucket per address (see addressKey). */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #now: () => number;
  /** Least recently seen first, because a Map keeps the order of insertion. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Charges one unit to the address; returns a problem if its quota is used up. */
  take(address: string): Problem | undefined {
    const { perSecond, burst, unit } = this.#options;
    const bucket = this.#fill(address);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    const retryAfter = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    const rate = perSecond >= 1 ? `${perSecond} ${unit} per second` : `${burst} ${unit} per minute`;
    const detail = `This address has sent more than ${rate}; try again in ${retryAfter} s`;
    return { code: ErrorCode.RATE_LIMITED, detail, retryAfter, quota: this.#quotaOf(bucket.tokens) };
  }

  /** Charges further units of an accepted batch. No request passes until the bucket has refilled. */
  charge(address: string, units: number): void {
    this.#fill(address).tokens -= units;
  }

  quota(address: string): Quota {
    return this.#quotaOf(this.#fill(address).tokens);
  }

  #quotaOf(tokens: number): Quota {
    const { perSecond, burst, unit } = this.#options;
    return {
      name: unit.replaceAll(' ', '-'),
      limit: burst,
      windowS: Math.ceil(burst / perSecond),
      remaining: Math.max(0, Math.floor(tokens)),
      resetS: Math.ceil((burst - tokens) / perSecond),
    };
  }

  #fill(client: string): { tokens: number; at: number } {
    const address = addressKey(client);
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
