import type { IncomingHttpHeaders } from 'node:http';
import { type ContextKey, createContextKey } from '@connectrpc/connect';
import type { Problem } from '../../../http/problem.ts';
import type { RateLimiter } from '../../vote/rate-limiter.ts';

/** What a call tells of who made it. */
export interface Caller {
  /** The address of the peer. */
  readonly peer: string;
  readonly headers: IncomingHttpHeaders;
}

const NOBODY: Caller = { peer: '', headers: {} };

/** Where a handler of Connect's router finds who called. Set only where callers have a quota. */
export const CALLER: ContextKey<Caller> = createContextKey(NOBODY, { description: 'caller' });

/** Takes one vote off the caller's quota; the problem where it is used up. */
export function takeQuota(limiter: RateLimiter | undefined, caller: Caller): Problem | undefined {
  return limiter?.refusal(nameOf(caller, limiter));
}

/** Takes the other votes of a batch off the caller's quota. */
export function chargeQuota(limiter: RateLimiter | undefined, caller: Caller, votes: number): void {
  if (votes > 0) limiter?.charge(nameOf(caller, limiter), votes);
}

function nameOf({ peer, headers }: Caller, limiter: RateLimiter): string {
  return limiter.caller(peer, headers['x-forwarded-for'] as string | undefined);
}
