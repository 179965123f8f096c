import { createHash, timingSafeEqual } from 'node:crypto';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';

/** The part of a request that decides. */
export interface AdminRequest {
  /** The peer's address as the socket reports it: a header can be forged. */
  readonly peer: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

/** Decides whether a request may change something: the problem, or undefined if it may. */
export type AdminGuard = (request: AdminRequest) => Problem | undefined;

const HOW = 'Send the admin token as "Authorization: Bearer <token>"';
const WINDOW_MS = 60_000;
/** Wrong tokens accepted from one address per minute. */
const MAX_WRONG = 5;
/** Addresses remembered at once; the oldest are dropped first. */
const MAX_PEERS = 10_000;

/**
 * Creates the guard of admin requests: `Authorization: Bearer <ADMIN_TOKEN>`, compared in constant time.
 *
 * @param token undefined: every request is rejected
 * @param now a clock in milliseconds
 */
export function createAdminGuard(token: string | undefined, now: () => number = Date.now): AdminGuard {
  const expected = token === undefined ? undefined : digest(token);
  const wrong = new Map<string, { count: number; since: number }>();

  return ({ peer, authorization, cookie }) => {
    if (expected === undefined) {
      return {
        code: ErrorCode.FORBIDDEN,
        detail: 'Changes are disabled: ADMIN_TOKEN is not set; set it and restart the dashboard',
      };
    }
    if (authorization === undefined || authorization === '') {
      // A voter's cookie identifies a voter, and a voter is not an operator.
      return cookie === undefined
        ? { code: ErrorCode.UNAUTHENTICATED, detail: HOW }
        : { code: ErrorCode.FORBIDDEN, detail: `A cookie does not authorize changes. ${HOW}` };
    }
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    // A token without "Bearer" is a slip and not a guess: nothing was compared, so it does not count as a try.
    if (given === undefined) return { code: ErrorCode.UNAUTHENTICATED, detail: HOW };
    const entry = wrong.get(peer);
    const tries = entry !== undefined && now() - entry.since < WINDOW_MS ? entry : { count: 0, since: now() };
    if (tries.count >= MAX_WRONG) {
      const retryAfter = Math.max(1, Math.ceil((tries.since + WINDOW_MS - now()) / 1000));
      const detail = `More than ${MAX_WRONG} wrong tokens from this address; try again in ${retryAfter} s`;
      return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
    }
    // Digests have one length, so that neither the length nor the first difference shows in the time taken.
    if (timingSafeEqual(digest(given), expected)) return undefined;
    wrong.delete(peer);
    wrong.set(peer, { count: tries.count + 1, since: tries.since });
    if (wrong.size > MAX_PEERS) wrong.delete(wrong.keys().next().value ?? '');
    return { code: ErrorCode.UNAUTHENTICATED, detail: 'The admin token is wrong' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
