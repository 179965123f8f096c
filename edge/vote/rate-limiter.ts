import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { RateLimitConfig } from '../config.ts';

/** How many votes each address may still send to this edge, over whichever path: a token bucket for each. */
export interface RateLimiter {
  /** Who sends: the peer's address, or the one that a proxy of ours names. */
  caller(address: string, forwardedFor: string | undefined): string;
  /** Takes the token of one vote; the problem where there is none. */
  refusal(caller: string): Problem | undefined;
  /** Takes the tokens of the votes that came along with that one: until they are made up for, nothing more is taken. */
  charge(caller: string, votes: number): void;
}

export interface RateLimiterOptions extends RateLimitConfig {
  /** Whether X-Forwarded-For is written by a proxy of ours: then its last element is the client. */
  readonly trustProxy: boolean;
  /** Milliseconds of a clock that never goes back. Default: performance.now. */
  readonly now?: () => number;
}

/** Addresses that are remembered; when there are more, the longest unused are forgotten. */
const MAX_ADDRESSES = 100_000;

/** Undefined where no limit is set. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter | undefined {
  const { perSecond, burst, trustProxy, now = () => performance.now() } = options;
  if (perSecond === 0) return undefined;
  const buckets = new Map<string, { tokens: number; at: number }>();
  const fill = (caller: string) => {
    const time = now();
    const bucket = buckets.get(caller) ?? { tokens: burst, at: time };
    bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) * perSecond) / 1000);
    bucket.at = time;
    // Maps keep the order of insertion: the first is the longest unused.
    buckets.delete(caller);
    buckets.set(caller, bucket);
    if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value ?? '');
    return bucket;
  };
  return {
    caller: (address, forwardedFor) => (trustProxy && forwardedFor?.split(',').at(-1)?.trim()) || address,
    refusal(caller) {
      const bucket = fill(caller);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return undefined;
      }
      const retryAfter = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      const detail = `This address has sent more than ${perSecond} votes a second: try again in ${retryAfter} s`;
      return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
    },
    charge(caller, votes) {
      fill(caller).tokens -= votes;
    },
  };
}
