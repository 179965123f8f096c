import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import { toResponse } from '../../../http/reply.ts';

/** Answers with a problem. No cache keeps it; a 401 names the scheme that the admin token is sent with. */
export function problemResponse(problem: Problem): Response {
  const reply = problemReply(problem);
  const challenge = reply.status === 401 ? { 'www-authenticate': 'Bearer realm="votewire"' } : {};
  return toResponse({ ...reply, headers: { ...reply.headers, 'cache-control': 'no-store', ...challenge } });
}
