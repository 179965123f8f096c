import type { EdgeConfig } from '../config.ts';
import { RateLimiter } from './rate-limiter.ts';

/** The quotas of an address; undefined: no limit. */
export interface AddressLimits {
  readonly votes: RateLimiter | undefined;
  readonly reads: RateLimiter | undefined;
  readonly newVoters: RateLimiter | undefined;
}

export type LimitsConfig = Pick<EdgeConfig, 'rateLimit' | 'readsPerSecond' | 'newVotersPerMinute'>;

export function createLimits({ rateLimit, readsPerSecond, newVotersPerMinute }: LimitsConfig): AddressLimits {
  const create = (unit: string, perSecond: number, burst: number) =>
    perSecond === 0 ? undefined : new RateLimiter({ unit, perSecond, burst });
  return {
    votes: create('votes', rateLimit.perSecond, rateLimit.burst),
    reads: create('reads', readsPerSecond, 2 * readsPerSecond),
    newVoters: create('new voters', newVotersPerMinute / 60, newVotersPerMinute),
  };
}
