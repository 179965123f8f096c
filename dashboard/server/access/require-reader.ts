import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { isProblem, type Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import type { ProxyTrust } from '../../../http/request/client-address.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { isLoopback } from '../http/loopback.ts';
import type { AccessToken } from './access-tokens.ts';
import { type LogSessions, SESSION_COOKIE } from './log-session.ts';
import { verifyToken } from './require-admin.ts';
import type { Caller, TokenVerifier } from './token-verifier.ts';

export interface ReaderAccess {
  readonly verify: TokenVerifier;
  readonly sessions: LogSessions;
  /** The proxies that report whether a request came over TLS. */
  readonly trustProxy: ProxyTrust;
  /** Whether requests from this machine need no token. */
  readonly openOnLoopback: boolean;
}

/** The log is open to this machine unless READ_TOKEN is set. */
export function isOpenOnLoopback(tokens: readonly AccessToken[]): boolean {
  return tokens.every(({ role }) => role !== 'reader');
}

/**
 * Requires READ_TOKEN, an admin token or the cookie of a log session; requests from this machine need none if the log
 * is open to it. Sets `c.var.caller` to the owner of the token; undefined if there was no token.
 */
export function requireReader(access: ReaderAccess): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const caller = identifyReader(c, access);
    if (caller !== undefined && isProblem(caller)) return problemResponse(caller);
    if (caller !== undefined) c.set('caller', caller);
    return next();
  };
}

function identifyReader(
  c: DashboardContext,
  { verify, sessions, openOnLoopback }: ReaderAccess,
): Caller | Problem | undefined {
  // If a token was sent, it must be valid, even where none is required.
  if (c.req.header('authorization') !== undefined) return verifyToken(c, verify, 'reader');
  const cookie = getCookie(c, SESSION_COOKIE);
  const caller = cookie === undefined ? undefined : sessions.find(cookie);
  if (cookie !== undefined && caller !== undefined) {
    c.set('readableUntil', sessions.endOf(cookie));
    return caller;
  }
  c.set('sessionEnded', cookie !== undefined);
  if (openOnLoopback && isLoopback(c)) return undefined;
  const missing = verifyToken(c, verify, 'reader');
  const isEnded = cookie !== undefined && isProblem(missing) && missing.code === ErrorCode.UNAUTHENTICATED;
  return isEnded ? SESSION_ENDED : missing;
}

export const SESSION_ENDED: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail:
    "This browser's access to the log has expired: it lasts twelve hours, or until its token is replaced. Send the token again",
};
