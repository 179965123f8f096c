import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { errorRow } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import { problemReply } from '../../http/problem-reply.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeApp, EdgeBindings, EdgeHttp } from './edge-http.ts';
import { renderPage } from './page/layout.ts';
import { problemMain } from './page/problem-main.ts';

/** An address that is nobody's: a page for who reads pages, a problem for all others. */
export function mountNotFound(app: EdgeApp, { assets }: EdgeHttp): void {
  app.notFound((c) => {
    const problem = nothingAt(c.req.path);
    if (!prefersPage(c)) return toResponse(problemReply(problem));
    const { http, title } = errorRow(problem.code);
    return renderPage(assets, { title, main: problemMain(problem, '/') }, http);
  });
}

/** Browsers name text/html first; curl and most programs take anything. */
function prefersPage(c: Context<{ Bindings: EdgeBindings }>): boolean {
  const [problem, json, page] = ['application/problem+json', 'application/json', 'text/html'] as const;
  return accepts(c, { header: 'Accept', supports: [problem, json, page], default: problem }) === page;
}

function nothingAt(path: string): Problem {
  const detail = `There is nothing at ${path.slice(0, 200)}`;
  // The README's commands for both ports look alike.
  const elsewhere = /^\/api(\/|$)/.test(path)
    ? ' on the port of the edge: /api is served by the dashboard, on DASHBOARD_PORT (8090 by default)'
    : '';
  return { code: ErrorCode.NOT_FOUND, detail: detail + elsewhere };
}
