import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { hiddenResults, unknownContest } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import { historySchema, resultsSchema } from '../../api/results.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import type { Contests } from '../log/log-view.ts';
import {
  describe,
  events,
  hiddenProblem,
  json,
  lastEventId,
  unavailableProblem,
  unknownContestProblem,
} from '../openapi/describe.ts';
import type { ResultsHub } from './results-hub.ts';
import { SseViewer } from './sse-viewer.ts';

export interface ResultsApiOptions {
  readonly contests: Contests;
  readonly results: { read(contest: Contest): Promise<Results> };
  readonly hub: ResultsHub;
  /** False if no more event streams may be opened. */
  readonly hasRoom: () => boolean;
}

const getResults = describe({
  operationId: 'getResults',
  summary: 'The counts of a contest.',
  responses: {
    200: json(resultsSchema, 'The counts.'),
    ...hiddenProblem,
    ...unknownContestProblem,
    ...unavailableProblem,
  },
});

const getHistory = describe({
  operationId: 'getHistory',
  summary: 'Votes counted at each of the last seconds.',
  responses: { 200: json(historySchema, 'The last ten minutes.'), ...hiddenProblem, ...unknownContestProblem },
});

const watchResults = describe({
  operationId: 'watchResults',
  summary: 'Events "results", "hidden", "stale" and "beat" of one contest.',
  parameters: [lastEventId],
  responses: { 200: events('The stream.'), ...unknownContestProblem, ...unavailableProblem },
});

const watchAllResults = describe({
  operationId: 'watchAllResults',
  summary: 'The same events of all contests, and "contests" when the list changes.',
  parameters: [lastEventId],
  responses: { 200: events('The stream.'), ...unavailableProblem },
});

/** `/api/contests/:id/results`, `/history` and `/events`, and `/api/events` for all contests in one stream. */
export function resultsApi({ contests, results, hub, hasRoom }: ResultsApiOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/contests/:id/results', getResults, async (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    const now = Date.now();
    if (resultsHidden(contest, now)) return problemResponse(hiddenResults(contest.id));
    c.header('cache-control', 'no-store');
    return c.json({ ...(await results.read(contest)), status: contestStatus(contest, now) });
  });

  app.get('/contests/:id/history', getHistory, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    if (resultsHidden(contest, Date.now())) return problemResponse(hiddenResults(contest.id));
    c.header('cache-control', 'no-store');
    return c.json(hub.history(contest.id));
  });

  app.get('/contests/:id/events', watchResults, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    return stream(c, contest.id);
  });

  app.get('/events', watchAllResults, (c) => stream(c, undefined));

  function stream(c: DashboardContext, contest: string | undefined): Response | Promise<Response> {
    if (!hasRoom()) return problemResponse(tooManyViewers);
    // HEAD is routed here too, and must not hold a stream open.
    if (c.req.method !== 'GET') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const viewer = new SseViewer(c.env.outgoing);
    return hub.watch(viewer, contest, c.req.header('last-event-id')).then(() => RESPONSE_ALREADY_SENT);
  }

  return app;
}

export const tooManyViewers: Problem = {
  code: ErrorCode.OVERLOADED,
  detail: 'All event streams that MAX_VIEWERS allows are in use; try again later',
  retryAfter: 5,
};
