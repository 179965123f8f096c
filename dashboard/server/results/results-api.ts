import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import * as v from 'valibot';
import { hiddenResults, unknownContest } from '../../../http/common-problems.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { type Contest, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import {
  type Histories,
  historiesSchema,
  historySchema,
  optionHistorySchema,
  resultsExportSchema,
  resultsSchema,
} from '../../api/results.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { gzipJson } from '../http/gzip-json.ts';
import { validateQuery } from '../http/validate-query.ts';
import type { TakeSeat } from '../http/viewer-seats.ts';
import type { Contests } from '../log/log-view.ts';
import {
  describe,
  events,
  hiddenProblem,
  invalidQueryProblem,
  json,
  lastEventId,
  schemaOf,
  tooManyStreamsProblem,
  unavailableProblem,
  unknownContestProblem,
} from '../openapi/describe.ts';
import { exportedResults, resultsCsv } from './results-export.ts';
import type { ResultsHub, Scope } from './results-hub.ts';
import { scopeQuery } from './scope-query.ts';
import { SseViewer } from './sse-viewer.ts';

export interface ResultsApiOptions {
  readonly contests: Contests;
  readonly results: { read(contest: Contest): Promise<Results> };
  readonly hub: ResultsHub;
  readonly takeSeat: TakeSeat;
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

const getOptionHistory = describe({
  operationId: 'getOptionHistory',
  summary: 'The counts of each option over time: by the second for an hour, by the minute for a day.',
  responses: { 200: json(optionHistorySchema, 'The counts.'), ...hiddenProblem, ...unknownContestProblem },
});

const getHistories = describe({
  operationId: 'getHistories',
  summary: 'The histories of the contests in the query, in one answer.',
  responses: { 200: json(historiesSchema, 'The last ten minutes of each.'), ...invalidQueryProblem },
});

const exportQuery = v.strictObject(
  { format: v.optional(v.picklist(['csv', 'json'], 'must be csv or json, given once'), 'csv') },
  'is not a parameter; use format',
);

const exportResults = describe({
  operationId: 'exportResults',
  summary: 'The results of a contest with its labels, as CSV or JSON.',
  responses: {
    200: {
      description: 'The results. CSV has a row per option.',
      content: {
        'text/csv': { schema: { type: 'string' } },
        'application/json': { schema: schemaOf(resultsExportSchema) },
      },
    },
    ...hiddenProblem,
    ...unknownContestProblem,
    ...invalidQueryProblem,
    ...unavailableProblem,
  },
});

const watchResults = describe({
  operationId: 'watchResults',
  summary: 'Events "results", "hidden", "stale" and "beat" of one contest.',
  parameters: [lastEventId],
  responses: { 200: events('The stream.'), ...tooManyStreamsProblem, ...unknownContestProblem, ...unavailableProblem },
});

const watchAllResults = describe({
  operationId: 'watchAllResults',
  summary: 'Events of all contests, or of those in the query.',
  description:
    'Besides the events of one contest: "contests" with a part of the list of all contests, without options, and "contest" with one full contest. Each is sent at the start and after each change.',
  parameters: [lastEventId],
  responses: { 200: events('The stream.'), ...tooManyStreamsProblem, ...invalidQueryProblem, ...unavailableProblem },
});

/** `/api/contests/:id/results`, `/history` and `/events`, and `/api/events` for all contests in one stream. */
export function resultsApi({ contests, results, hub, takeSeat }: ResultsApiOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/contests/:id/results', getResults, async (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    const now = c.get('now')();
    if (resultsHidden(contest, now)) return problemResponse(hiddenResults(contest.id));
    c.header('cache-control', 'no-store');
    return c.json({ ...(await results.read(contest)), status: contestStatus(contest, now) });
  });

  app.get('/contests/:id/history', getHistory, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    if (resultsHidden(contest, c.get('now')())) return problemResponse(hiddenResults(contest.id));
    c.header('cache-control', 'no-store');
    return c.json(hub.history(contest.id));
  });

  app.get('/contests/:id/option-history', getOptionHistory, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    if (resultsHidden(contest, Date.now())) return problemResponse(hiddenResults(contest.id));
    c.header('cache-control', 'no-store');
    return gzipJson(c, hub.optionHistory(contest.id));
  });

  app.get('/histories', getHistories, validateQuery(scopeQuery), (c) => {
    const { contests: ids = [] } = c.req.valid('query');
    const now = c.get('now')();
    const shown = ids.filter((id) => {
      const contest = contests.get(id);
      return contest !== undefined && !resultsHidden(contest, now);
    });
    c.header('cache-control', 'no-store');
    return gzipJson(c, { histories: shown.map((id) => hub.history(id)) } satisfies Histories);
  });

  app.get('/contests/:id/results/export', exportResults, validateQuery(exportQuery), async (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    const now = c.get('now')();
    if (resultsHidden(contest, now)) return problemResponse(hiddenResults(contest.id));
    const counts = { ...(await results.read(contest)), status: contestStatus(contest, now) };
    const exported = exportedResults(contest, counts, new Date(now).toISOString());
    const { format } = c.req.valid('query');
    c.header('cache-control', 'no-store');
    c.header('content-disposition', `attachment; filename="${contest.id}-results.${format}"`);
    if (format === 'json') return c.json(exported);
    return c.body(resultsCsv([exported]), 200, { 'content-type': 'text/csv; charset=utf-8' });
  });

  app.get('/contests/:id/events', watchResults, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    return stream(c, { all: false, contests: new Set([contest.id]), list: false });
  });

  app.get('/events', watchAllResults, validateQuery(scopeQuery), (c) => {
    const { contests: ids } = c.req.valid('query');
    return stream(c, { all: ids === undefined, contests: new Set(ids), list: true });
  });

  function stream(c: DashboardContext, scope: Scope): Response | Promise<Response> {
    const full = takeSeat(c);
    if (full !== undefined) return problemResponse(full);
    // HEAD requests are routed here too and must not keep a stream open.
    if (c.req.method !== 'GET') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const viewer = new SseViewer(c.env.incoming, c.env.outgoing);
    return hub.watch(viewer, scope, c.req.header('last-event-id')).then(() => RESPONSE_ALREADY_SENT);
  }

  return app;
}
