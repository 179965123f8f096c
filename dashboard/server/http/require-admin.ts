import type { MiddlewareHandler } from 'hono';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { type DashboardContext, type DashboardEnv, peerOf } from '../dashboard-env.ts';
import type { AdminGuard } from './admin-guard.ts';

/** Lets only requests with the admin token through. */
export function requireAdmin(guard: AdminGuard): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const problem = checkAdmin(c, guard);
    if (problem !== undefined) return problemResponse(problem);
    return next();
  };
}

/** Asks the guard about this request; undefined if it may change something. */
export function checkAdmin(c: DashboardContext, guard: AdminGuard): Problem | undefined {
  return guard({
    peer: peerOf(c),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
  });
}
