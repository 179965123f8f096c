import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RateLimitConfig } from '../config.ts';
import type { Problem } from '../ingress.ts';

/** A token bucket per client address. */
export interface RateLimiter {
  /** Takes a token; the problem where there is none. */
  refusal(address: string, forwardedFor: string | undefined): Problem | undefined;
}

export interface RateLimiterOptions extends RateLimitConfig {
  /** Whether X-Forwarded-For is written by a proxy of ours: then its last element is the client. */
  readonly trustProxy: boolean;
}

/** Addresses that are remembered; when there are more, the longest unused are forgotten. */
const MAX_ADDRESSES = 100_000;

/** Undefined where no limit is set. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter | undefined {
  const { perSecond, burst, trustProxy } = options;
  if (perSecond === 0) return undefined;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    refusal(address, forwardedFor) {
      const client = (trustProxy && forwardedFor?.split(',').at(-1)?.trim()) || address;
      const now = performance.now();
      const bucket = buckets.get(client) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
      bucket.at = now;
      // Maps keep the order of insertion: the first is the longest unused.
      buckets.delete(client);
      buckets.set(client, bucket);
      if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value ?? '');
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return undefined;
      }
      const retryAfter = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      const detail = `This address has sent more than ${perSecond} requests a second: try again in ${retryAfter} s`;
      return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
    },
  };
}
