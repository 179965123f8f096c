import { createHash, timingSafeEqual } from 'node:crypto';
import type { Problem } from '../../http/problem.ts';
import { problemResponse } from '../../http/problem-reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeApp } from './edge-env.ts';
import type { EdgeHttp } from './edge-http.ts';

/**
 * `GET /healthz`: the process is running. `/readyz`: it accepts votes in at least some partitions. `/metrics`: for
 * Prometheus. `OPTIONS /` and `OPTIONS *`: readiness, because HAProxy checks them by default.
 */
export function mountHealth(app: EdgeApp, { edge, metrics }: EdgeHttp): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const ready = edge.ready();
    const unavailablePartitions = edge.groupCommit.unavailablePartitions;
    const body = {
      status: ready ? 'ready' : 'unavailable',
      ...(unavailablePartitions.length > 0 && { unavailablePartitions }),
    };
    return c.json(body, ready ? 200 : 503);
  });
  app.options('/', (c) => {
    // A preflight comes from another site, which may not use this API.
    if (c.req.header('origin') !== undefined) return problemResponse(NO_PREFLIGHT);
    return c.body(null, edge.ready() ? 204 : 503, { allow: 'GET, HEAD, OPTIONS' });
  });
  const isAllowed = bearerCheck(edge.config.metricsToken);
  app.get('/metrics', async (c) => {
    if (!isAllowed(c.req.header('authorization'))) return problemResponse(TOKEN_NEEDED);
    return c.body(await metrics.text(), 200, { 'content-type': metrics.contentType });
  });
}

/**
 * Checks an Authorization header for the token; always true without a token. Compares digests, which have equal
 * lengths.
 */
function bearerCheck(token: string | undefined): (authorization: string | undefined) => boolean {
  if (token === undefined) return () => true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (authorization = '') => timingSafeEqual(digest(authorization.replace(/^Bearer +/i, '')), expected);
}

const NO_PREFLIGHT: Problem = {
  code: ErrorCode.FORBIDDEN,
  detail: 'Pages of other origins may not use this API; call it from a server, or from a page of this origin',
};

const TOKEN_NEEDED: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail: 'Metrics need METRICS_TOKEN; send it as "Authorization: Bearer <token>"',
};
