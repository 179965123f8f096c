import type { Context } from 'hono';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import { readBody } from '../../../http/read-body.ts';
import { toResponse } from '../../../http/reply.ts';
import { allowMethods } from '../allow-methods.ts';
import type { EdgeApp, EdgeBindings, EdgeHttp } from '../edge-http.ts';
import { callerOf } from './caller.ts';
import { foreignOrigin, isForeignOrigin } from './same-origin.ts';
import { castForm } from './vote-form.ts';
import { bodyLimit, mediaType, readWait, tooLarge, voteFormat, wrongMediaType } from './vote-route.ts';

type VoteContext = Context<{ Bindings: EdgeBindings }>;

/** `POST /v1/votes`. The handler is not async, and looks at headers on the request itself: each layer costs a vote. */
export function mountVotes(app: EdgeApp, http: EdgeHttp): void {
  app.post('/v1/votes', (c): Response | Promise<Response> => {
    const header = headersOf(c);
    const contentType = header('content-type');
    const contentEncoding = header('content-encoding');
    const format = voteFormat(contentType, contentEncoding);
    const caller = callerOf(http.edge.limiter, c.env, () => header('x-forwarded-for'));
    const refusal = refusalOf(header, http, caller);
    if (refusal !== undefined) return toResponse(problemReply(refusal));
    if (format === undefined) {
      if (mediaType(contentType ?? '') === 'application/x-www-form-urlencoded') return castForm(c, http);
      return toResponse(problemReply(wrongMediaType(contentType, contentEncoding)));
    }
    const { url } = c.req;
    const query = url.indexOf('?');
    const wait = readWait(query < 0 ? '' : url.slice(query + 1));
    if (typeof wait !== 'boolean') return toResponse(problemReply(wait));
    return new Promise((resolve) => {
      readBody(c.req.raw, bodyLimit(format)).then(
        (body) => {
          if (body === undefined) resolve(toResponse(problemReply(tooLarge(format))));
          else {
            const votes = http.route.cast(format, body, wait, (reply) => resolve(toResponse(reply)));
            if (caller !== undefined && votes > 1) http.edge.limiter?.charge(caller, votes - 1);
          }
        },
        // The body ended too soon: nobody is there to read this.
        () => resolve(new Response(null, { status: 400 })),
      );
    });
  });
  allowMethods(app, '/v1/votes', ['POST']);
}

type HeaderLookup = (name: string) => string | undefined;

/** On Node the request's own headers are there already; a Headers object would be made of them for each vote. */
function headersOf(c: VoteContext): HeaderLookup {
  const known = c.env.incoming?.headers;
  if (known !== undefined) return (name) => known[name] as string | undefined;
  const { headers } = c.req.raw;
  return (name) => headers.get(name) ?? undefined;
}

function refusalOf(header: HeaderLookup, { edge }: EdgeHttp, caller: string | undefined): Problem | undefined {
  const origin = header('origin');
  if (origin !== undefined && isForeignOrigin(origin, header('host') ?? '', edge.config.publicOrigin)) {
    return foreignOrigin(origin);
  }
  return caller === undefined ? undefined : edge.limiter?.refusal(caller);
}
