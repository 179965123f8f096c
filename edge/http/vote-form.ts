import type { Context } from 'hono';
import type { EdgeBindings, EdgeHttp } from './app.ts';
import { problemReply } from './problem-reply.ts';
import { toResponse } from './reply.ts';
import { WRONG_MEDIA_TYPE } from './vote-route.ts';

export async function castForm(c: Context<{ Bindings: EdgeBindings }>, http: EdgeHttp): Promise<Response> {
  void c;
  void http;
  return toResponse(problemReply(WRONG_MEDIA_TYPE));
}
