import { hiddenResults, STORE_UNAVAILABLE, unknownContest } from '../../../http/common-problems.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { EdgeApp } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';

/** `GET /v1/contests`, `/v1/contests/:id` and `/v1/contests/:id/results`. */
export function mountContests(app: EdgeApp, { edge }: EdgeHttp): void {
  const { contests, results, redisMonitor } = edge;
  const withStatus = (contest: Contest) => ({ ...contest, status: contestStatus(contest, redisMonitor.now()) });

  app.get('/v1/contests', (c) => c.json({ contests: contests.list().map(withStatus) }));
  app.get('/v1/contests/:id', (c) => {
    const id = c.req.param('id');
    const contest = contests.get(id);
    return contest === undefined ? problemResponse(unknownContest(id)) : c.json(withStatus(contest));
  });
  app.get('/v1/contests/:id/results', async (c) => {
    const id = c.req.param('id');
    const contest = contests.get(id);
    if (contest === undefined) return problemResponse(unknownContest(id));
    if (resultsHidden(contest, redisMonitor.now())) return problemResponse(hiddenResults(id));
    try {
      return c.json(await results.read(contest), 200, { 'cache-control': 'no-store' });
    } catch {
      // The reader rejects only while Redis is unavailable.
      return problemResponse(STORE_UNAVAILABLE);
    }
  });
}
