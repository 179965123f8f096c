import type { Problem } from '../../http/problem.ts';
import { problemResponse } from '../../http/problem-reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeApp } from './edge-env.ts';
import type { EdgeHttp } from './edge-http.ts';
import { prefersPage } from './page/prefers-page.ts';
import { problemPage } from './page/problem-page.ts';

/** Unknown paths: a page for browsers, a problem for programs. */
export function mountNotFound(app: EdgeApp, { assets }: EdgeHttp): void {
  app.notFound((c) => {
    const problem = notFound(c.req.path);
    if (!prefersPage(c)) return problemResponse(problem);
    return problemPage(c, assets, problem, '/');
  });
}

function notFound(path: string): Problem {
  const detail = `Nothing is served at ${path.slice(0, 200)}`;
  // Commands for the two ports are easily confused.
  const remedy = /^\/api(\/|$)/.test(path)
    ? ' on the edge; the dashboard serves /api on DASHBOARD_PORT (8090 by default)'
    : '';
  return { code: ErrorCode.NOT_FOUND, detail: detail + remedy };
}
