import { createHash, timingSafeEqual } from 'node:crypto';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { Refusal } from './problem.ts';

/** What the guard needs to know of a request. */
export interface AdminRequest {
  /** The peer's address, as the socket has it: a header can be forged. */
  readonly peer: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

/** Decides whether a request may change something. Returns the refusal, or undefined where it may. */
export type AdminGuard = (request: AdminRequest) => Refusal | undefined;

const HOW = 'Send the admin token as "Authorization: Bearer <token>".';
const WINDOW_MS = 60_000;
/** Wrong tokens that one address may send in a minute; from the next one on it waits. */
const MAX_WRONG = 5;
/** Addresses remembered at once; the oldest go first. */
const MAX_PEERS = 10_000;

/**
 * Makes the guard of admin requests: `Authorization: Bearer <ADMIN_TOKEN>`, compared in constant time.
 *
 * @param token undefined: nobody may
 * @param now a clock in milliseconds
 */
export function createAdminGuard(token: string | undefined, now: () => number = Date.now): AdminGuard {
  const expected = token === undefined ? undefined : digest(token);
  const wrong = new Map<string, { count: number; since: number }>();

  return ({ peer, authorization, cookie }) => {
    if (expected === undefined) {
      return { code: ErrorCode.FORBIDDEN, detail: 'Changes are off: start the dashboard with ADMIN_TOKEN set.' };
    }
    if (authorization === undefined || authorization === '') {
      // A voter's cookie says who somebody is, and that is not an operator.
      return cookie === undefined
        ? { code: ErrorCode.UNAUTHENTICATED, detail: HOW }
        : { code: ErrorCode.FORBIDDEN, detail: 'A cookie does not allow this: send the admin token as a bearer.' };
    }
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (given === undefined) {
      // Nothing was compared, so it is no try: a token without its "Bearer" is a slip.
      return { code: ErrorCode.UNAUTHENTICATED, detail: HOW };
    }
    const entry = wrong.get(peer);
    const tries = entry !== undefined && now() - entry.since < WINDOW_MS ? entry : { count: 0, since: now() };
    if (tries.count >= MAX_WRONG) {
      const retryAfter = Math.max(1, Math.ceil((tries.since + WINDOW_MS - now()) / 1000));
      const detail = `More than ${MAX_WRONG} wrong tokens from this address: try again in ${retryAfter} s.`;
      return { code: ErrorCode.RATE_LIMITED, detail, retryAfter };
    }
    // Digests are of one length, so neither the length nor the first difference shows in the time taken.
    if (timingSafeEqual(digest(given), expected)) return undefined;
    wrong.delete(peer);
    wrong.set(peer, { count: tries.count + 1, since: tries.since });
    if (wrong.size > MAX_PEERS) wrong.delete(wrong.keys().next().value ?? '');
    return { code: ErrorCode.UNAUTHENTICATED, detail: 'This is not the admin token.' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
