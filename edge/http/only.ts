import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeApp } from './app.ts';
import { problemReply } from './problem-reply.ts';
import { toResponse } from './reply.ts';

/** Answers what is left of a path with 405 and the methods that it takes. To be called after those were mounted. */
export function only(app: EdgeApp, path: string, methods: readonly string[]): void {
  const allow = methods.join(', ');
  app.all(path, (c) => {
    const detail = `${c.req.path.slice(0, 200)} does not take ${c.req.method}: it takes ${allow}`;
    const reply = problemReply({ code: ErrorCode.METHOD_NOT_ALLOWED, detail });
    return toResponse({ ...reply, headers: { allow } });
  });
}
