import type { IncomingMessage } from 'node:http';
import type { RateLimiter } from '../../vote/rate-limiter.ts';
import type { EdgeBindings } from '../edge-http.ts';

/** Whose quota a request is counted on; undefined where callers have none. */
export function callerOf(
  limiter: RateLimiter | undefined,
  env: EdgeBindings,
  forwardedFor: () => string | undefined,
): string | undefined {
  return limiter?.caller(env.address?.() ?? env.incoming?.socket.remoteAddress ?? '', forwardedFor());
}

/** The same of a request of Node's own. */
export function nodeCallerOf(limiter: RateLimiter | undefined, req: IncomingMessage): string | undefined {
  return limiter?.caller(req.socket.remoteAddress ?? '', req.headers['x-forwarded-for'] as string | undefined);
}
