import { createMiddleware } from 'hono/factory';
import { problemResponse } from '../../http/problem-reply.ts';
import { rateLimitFields } from '../../http/quota.ts';
import type { Admission } from '../admission/admission.ts';
import type { EdgeEnv } from './edge-env.ts';
import { FetchRequestView } from './fetch-request-view.ts';

/** Paths that probes and Prometheus read; limiting them would take the edge out of service. */
const UNLIMITED = new Set(['/healthz', '/readyz', '/metrics']);

/** Limits reads and pages per address, and reports the remaining quota. */
export function readLimit(admission: Admission) {
  return createMiddleware<EdgeEnv>(async (c, next) => {
    const limited = ['GET', 'HEAD'].includes(c.req.method) && !UNLIMITED.has(c.req.path);
    const outcome = !limited ? undefined : admission.admitRead(new FetchRequestView(c.req.raw, c.env));
    if (outcome === undefined) return next();
    if ('code' in outcome) return problemResponse(outcome);
    await next();
    for (const [name, value] of Object.entries(rateLimitFields(outcome))) c.res.headers.set(name, value);
  });
}
