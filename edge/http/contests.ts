import type { Problem } from '../../http/problem.ts';
import { problemReply } from '../../http/problem-reply.ts';
import { quoteForMessage } from '../../http/quote.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus, resultsHidden } from '../../store/contests/contest.ts';
import { allowMethods } from './allow-methods.ts';
import type { EdgeApp, EdgeHttp } from './edge-http.ts';
import { STORE_AWAY } from './store-away.ts';

/** `GET /v1/contests`, `/v1/contests/:id` and `/v1/contests/:id/results`. */
export function mountContests(app: EdgeApp, { edge }: EdgeHttp): void {
  const { contests, results, pulse } = edge;
  const withStatus = (contest: Contest) => ({ ...contest, status: contestStatus(contest, pulse.now()) });

  app.get('/v1/contests', (c) => c.json({ contests: contests.list().map(withStatus) }));
  app.get('/v1/contests/:id', (c) => {
    const contest = contests.get(c.req.param('id'));
    return contest === undefined
      ? toResponse(problemReply(unknownContest(c.req.param('id'))))
      : c.json(withStatus(contest));
  });
  app.get('/v1/contests/:id/results', async (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return toResponse(problemReply(unknownContest(c.req.param('id'))));
    if (resultsHidden(contest, pulse.now())) return toResponse(problemReply(hiddenResults(contest)));
    try {
      return c.json(await results.read(contest), 200, { 'cache-control': 'no-store' });
    } catch {
      // The reader rejects while Redis is away, and for no other reason.
      return toResponse(problemReply(STORE_AWAY));
    }
  });
  for (const path of ['/v1/contests', '/v1/contests/:id', '/v1/contests/:id/results'])
    allowMethods(app, path, ['GET', 'HEAD']);
}

export function unknownContest(id: string): Problem {
  return { code: ErrorCode.UNKNOWN_CONTEST, detail: `There is no contest ${quoteForMessage(id)}` };
}

function hiddenResults({ id }: Contest): Problem {
  return { code: ErrorCode.RESULTS_HIDDEN, detail: `The results of ${id} are hidden until it is closed` };
}
