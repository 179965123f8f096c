import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import { unknownContest } from '../contests/contests-api.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { type Refusal, respondWith } from '../http/problem.ts';
import type { Contests } from '../log/log-view.ts';
import type { ResultsHub } from './results-hub.ts';
import { SseViewer } from './sse-viewer.ts';

export interface ResultsApiOptions {
  readonly contests: Contests;
  readonly results: { read(contest: Contest): Promise<Results> };
  readonly hub: ResultsHub;
  /** False where no more event streams may be opened. */
  readonly hasRoom: () => boolean;
}

/** `/api/contests/:id/results`, `/history` and `/events`, and `/api/events` for all contests in one stream. */
export function resultsApi({ contests, results, hub, hasRoom }: ResultsApiOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/contests/:id/results', async (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return respondWith(unknownContest(c.req.param('id')));
    const now = Date.now();
    if (resultsHidden(contest, now)) return respondWith(hiddenResults(contest));
    c.header('cache-control', 'no-store');
    return c.json({ ...(await results.read(contest)), status: contestStatus(contest, now) });
  });

  app.get('/contests/:id/history', (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return respondWith(unknownContest(c.req.param('id')));
    if (resultsHidden(contest, Date.now())) return respondWith(hiddenResults(contest));
    c.header('cache-control', 'no-store');
    return c.json(hub.history(contest.id));
  });

  app.get('/contests/:id/events', (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return respondWith(unknownContest(c.req.param('id')));
    return stream(c, contest.id);
  });

  app.get('/events', (c) => stream(c, undefined));

  function stream(c: DashboardContext, contest: string | undefined): Response | Promise<Response> {
    if (!hasRoom()) return respondWith(tooManyViewers);
    // A HEAD request comes here as well and must not hold a stream open.
    if (c.req.method !== 'GET') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const viewer = new SseViewer(c.env.outgoing);
    return hub.watch(viewer, contest, c.req.header('last-event-id')).then(() => RESPONSE_ALREADY_SENT);
  }

  return app;
}

export const tooManyViewers: Refusal = {
  code: ErrorCode.OVERLOADED,
  detail: 'As many event streams are open as this server serves (MAX_VIEWERS).',
  retryAfter: 5,
};

function hiddenResults(contest: Contest): Refusal {
  return {
    code: ErrorCode.RESULTS_HIDDEN,
    detail: `The results of "${contest.id}" are hidden until the contest closes.`,
  };
}
