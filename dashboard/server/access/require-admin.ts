import type { MiddlewareHandler } from 'hono';
import { isProblem, type Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { clientOf, type DashboardContext, type DashboardEnv } from '../dashboard-env.ts';
import type { Role } from './access-tokens.ts';
import type { Caller, TokenVerifier } from './token-verifier.ts';

/** Requires an admin token; sets `c.var.caller` to its owner. */
export function requireAdmin(verify: TokenVerifier): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const caller = verifyToken(c, verify, 'admin');
    if (isProblem(caller)) return problemResponse(caller);
    c.set('caller', caller);
    return next();
  };
}

/** Verifies the token of this request. */
export function verifyToken(c: DashboardContext, verify: TokenVerifier, needed: Role): Caller | Problem {
  return verify(
    { address: clientOf(c), authorization: c.req.header('authorization'), cookie: c.req.header('cookie') },
    needed,
  );
}
