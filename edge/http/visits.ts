import { problemReply } from '../../http/problem-reply.ts';
import { toResponse } from '../../http/reply.ts';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { CastOutcome } from '../vote/ingress.ts';
import { allowMethods } from './allow-methods.ts';
import { unknownContest } from './contests.ts';
import type { EdgeApp, EdgeHttp } from './edge-http.ts';
import { callerOf } from './votes/caller.ts';

const CONTEST = 'visits';

/** `GET /visits`: a visit is a vote like any other, and the page shows the count that holds it. */
export function mountVisits(app: EdgeApp, { edge }: EdgeHttp): void {
  const { codecs, contests, ingress, limiter } = edge;
  app.get('/visits', async (c) => {
    const choice = contests.get(CONTEST)?.options[0]?.id;
    if (choice === undefined) return toResponse(problemReply(unknownContest(CONTEST)));
    // Whoever asks for the headers alone has not visited the page.
    if (c.req.method === 'HEAD') return c.text('');
    const caller = callerOf(limiter, c.env, () => c.req.header('x-forwarded-for'));
    const refusal = caller === undefined ? undefined : limiter?.refusal(caller);
    if (refusal !== undefined) return toResponse(problemReply(refusal));
    const vote = JSON.stringify({ contest: CONTEST, choice, voter: crypto.randomUUID() });
    const outcome = await new Promise<CastOutcome>((resolve) => {
      ingress.castOne(Path.HTTP, codecs.http.encodeJson(Buffer.from(vote)), true, resolve);
    });
    if (!outcome.ok) return toResponse(problemReply(outcome.problem));
    c.header('cache-control', 'no-store');
    if (outcome.results === undefined) return c.text('This visit is noted, and will be counted in a moment.\n', 202);
    const { total } = outcome.results;
    return c.text(`This page has been visited ${total} ${total === 1 ? 'time' : 'times'}\n`);
  });
  allowMethods(app, '/visits', ['GET', 'HEAD']);
}
