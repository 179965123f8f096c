import { unknownContest } from '../../../http/common-problems.ts';
import { isProblem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import type { CastOutcome } from '../../vote/ingress.ts';
import type { EdgeApp } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';
import { FetchRequestView } from '../fetch-request-view.ts';

const CONTEST = 'visits';

/** `GET /visits`: a visit is a vote like any other, and the page shows the count that includes it. */
export function mountVisits(app: EdgeApp, { edge }: EdgeHttp): void {
  const { codecs, contests, ingress, admission } = edge;
  app.get('/visits', async (c) => {
    const choice = contests.get(CONTEST)?.options[0]?.id;
    if (choice === undefined) return problemResponse(unknownContest(CONTEST));
    // A HEAD request is not a visit.
    if (c.req.method === 'HEAD') return c.text('');
    const sender = admission.admitBrowser(new FetchRequestView(c.req.raw, c.env));
    if (isProblem(sender)) return problemResponse(sender);
    const vote = JSON.stringify({ contest: CONTEST, choice, voter: crypto.randomUUID() });
    const outcome = await new Promise<CastOutcome>((resolve) => {
      ingress.castOne(sender, codecs.http.encodeJson(Buffer.from(vote)), true, resolve);
    });
    if (!outcome.ok) return problemResponse(outcome.problem);
    c.header('cache-control', 'no-store');
    if (outcome.results === undefined) return c.text('This visit is stored and will be counted in a moment.\n', 202);
    const { total } = outcome.results;
    return c.text(`This page has been visited ${total} ${total === 1 ? 'time' : 'times'}\n`);
  });
}
