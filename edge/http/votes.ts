import type { Context } from 'hono';
import type { Problem } from '../ingress.ts';
import type { EdgeApp, EdgeBindings, EdgeHttp } from './app.ts';
import { only } from './only.ts';
import { problemReply } from './problem-reply.ts';
import { readBody } from './read-body.ts';
import { type Reply, toResponse } from './reply.ts';
import { FOREIGN_ORIGIN, isForeignOrigin } from './same-origin.ts';
import { castForm } from './vote-form.ts';
import { bodyLimit, mediaType, readWait, tooLarge, voteFormat, WRONG_MEDIA_TYPE, WRONG_WAIT } from './vote-route.ts';

type VoteContext = Context<{ Bindings: EdgeBindings }>;

/** `POST /v1/votes`. */
export function mountVotes(app: EdgeApp, http: EdgeHttp): void {
  app.post('/v1/votes', async (c) => {
    const contentType = c.req.header('content-type');
    const format = voteFormat(contentType, c.req.header('content-encoding'));
    const refusal = refusalOf(c, http);
    if (refusal !== undefined) return toResponse(problemReply(refusal));
    if (format === undefined) {
      if (mediaType(contentType ?? '') === 'application/x-www-form-urlencoded') return castForm(c, http);
      return toResponse(problemReply(WRONG_MEDIA_TYPE));
    }
    const { url } = c.req;
    const query = url.indexOf('?');
    const wait = readWait(query < 0 ? '' : url.slice(query + 1));
    if (wait === undefined) return toResponse(problemReply(WRONG_WAIT));
    return readBody(c.req.raw, bodyLimit(format)).then((body) => {
      if (body === undefined) return toResponse(problemReply(tooLarge(format)));
      return new Promise<Response>((resolve) => {
        http.route.cast(format, body, wait, (reply: Reply) => resolve(toResponse(reply)));
      });
    });
  });
  only(app, '/v1/votes', ['POST']);
}

function refusalOf(c: VoteContext, { edge, limiter }: EdgeHttp): Problem | undefined {
  const origin = c.req.header('origin');
  if (origin !== undefined && isForeignOrigin(origin, c.req.header('host') ?? '', edge.config.publicOrigin)) {
    return FOREIGN_ORIGIN;
  }
  if (limiter === undefined) return undefined;
  const address = c.env.address ?? c.env.incoming?.socket.remoteAddress ?? '';
  return limiter.refusal(address, c.req.header('x-forwarded-for'));
}
