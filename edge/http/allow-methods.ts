import { problemReply } from '../../http/problem-reply.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeApp } from './edge-http.ts';

/** Those of RFC 9110 and PATCH; any other meets 404. HEAD goes wherever GET does. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];

/**
 * Answers the other methods of a path with 405 and those that it takes. They are mounted one by one: a handler for all
 * of them would stand behind every request that is right, and Hono answers faster where there is one handler alone.
 */
export function allowMethods(app: EdgeApp, path: string, methods: readonly string[]): void {
  const allow = methods.join(', ');
  const others = METHODS.filter((method) => !methods.includes(method));
  app.on(others, path, (c) => {
    const detail = `${c.req.path.slice(0, 200)} does not take ${c.req.method}: it takes ${allow}`;
    const reply = problemReply({ code: ErrorCode.METHOD_NOT_ALLOWED, detail });
    return toResponse({ ...reply, headers: { allow } });
  });
}
