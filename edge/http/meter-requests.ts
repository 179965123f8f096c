import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { RequestMeters } from '../metrics/request-meters.ts';
import type { EdgeEnv } from './edge-env.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** Counts and times the requests of the app by the pattern of their route; `none` if no route answers. */
export function meterRequests(meters: RequestMeters): MiddlewareHandler<EdgeEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { status } = c.res;
    const route = status === 404 ? 'none' : routePath(c, -1);
    const method = METHODS.includes(c.req.method) ? c.req.method : 'other';
    meters.http({ method, route }).end(status, startedAt);
  };
}
