import { errorRow, problemCode } from './error-table.ts';
import type { Problem } from './problem.ts';
import { rateLimitFields } from './quota.ts';
import { type Reply, toResponse } from './reply.ts';

/** The body of an `application/problem+json` answer (RFC 9457). */
export interface ProblemBody {
  /** A tag URI: it identifies the problem without pointing to a page that could disappear. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: Problem['errors'];
  readonly current?: unknown;
  readonly requestId?: string;
}

export function problemBody({ code, detail, errors, current, requestId }: Problem): ProblemBody {
  const { http, title } = errorRow(code);
  const name = problemCode(code);
  return {
    type: `tag:votewire,2026:problem:${name}`,
    title,
    status: http,
    code: name,
    detail,
    ...(errors && { errors }),
    ...(current !== undefined && { current }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** A problem as an HTTP answer, with the headers that its code requires. */
export function problemReply(problem: Problem): Reply {
  const body = problemBody(problem);
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    ...problem.headers,
    ...(problem.quota && rateLimitFields(problem.quota)),
  };
  if (problem.retryAfter !== undefined) headers['retry-after'] = `${problem.retryAfter}`;
  if (problem.requestId !== undefined) headers['x-request-id'] = problem.requestId;
  if (problem.allow !== undefined) headers.allow = problem.allow;
  if (body.status === 401) headers['www-authenticate'] = 'Bearer realm="votewire"';
  return { status: body.status, type: 'application/problem+json', body: JSON.stringify(body), headers };
}

/** A problem as a `Response`, for servers built on `fetch`. */
export function problemResponse(problem: Problem): Response {
  return toResponse(problemReply(problem));
}
