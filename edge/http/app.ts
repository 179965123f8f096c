import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { NONCE } from 'hono/secure-headers';
import { problemResponse } from '../../http/problem-reply.ts';
import { securityHeaders } from '../../http/security-headers.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Edge } from '../edge.ts';
import { logRequestError } from '../log-request-error.ts';
import type { EdgeMetrics } from '../metrics/edge-metrics.ts';
import { TracedVoteRoute } from '../tracing/traced-vote-route.ts';
import { mountContests } from './api/contests.ts';
import { mountOpenApi } from './api/openapi.ts';
import { mountReceipts } from './api/receipts.ts';
import { mountVisits } from './api/visits.ts';
import type { EdgeApp, EdgeContext } from './edge-env.ts';
import type { EdgeHttp } from './edge-http.ts';
import { mountHealth } from './health.ts';
import { createLiveViews } from './live/live-views.ts';
import { mountLive } from './live/mount-live.ts';
import { meterRequests } from './meter-requests.ts';
import { mountNotFound } from './not-found.ts';
import { mountAssets, pageAssets } from './page/assets.ts';
import { mountVotePage } from './page/vote-page.ts';
import { readLimit } from './read-limit.ts';
import { VoterCookie } from './voter/voter-cookie.ts';
import { honoVotes } from './votes/adapters/hono-votes.ts';
import { castForm } from './votes/vote-form.ts';
import { VoteRoute } from './votes/vote-route.ts';

export function createEdgeHttp(edge: Edge, metrics: EdgeMetrics): EdgeHttp {
  const { ingress, codecs, config, admission, tracing } = edge;
  const meter = edge.meters.http({ method: 'POST', route: '/v1/votes' });
  const routeOptions = { ingress, codec: codecs.http, admission, meter };
  return {
    edge,
    metrics,
    cookie: new VoterCookie(edge.secret, config, edge.redisMonitor.now),
    assets: pageAssets(),
    live: createLiveViews(edge),
    voteRoute: tracing ? new TracedVoteRoute(routeOptions, tracing) : new VoteRoute(routeOptions),
  };
}

/**
 * The edge's HTTP app, for every runtime that supports `fetch`. Votes have a separate router without middleware: Hono
 * is fastest if a single handler matches, and acknowledgements do not need the headers of pages.
 */
export function createApp(http: EdgeHttp): EdgeApp {
  const votes: EdgeApp = new Hono();
  const rest = createRest(http);
  const answerRest = (c: EdgeContext) => rest.fetch(c.req.raw, c.env);
  votes.post('/v1/votes', honoVotes(http.voteRoute, answerRest));
  votes.notFound(answerRest);
  votes.onError(answerError);
  return votes;
}

function createRest(http: EdgeHttp): EdgeApp {
  const app: EdgeApp = new Hono();
  app.use(meterRequests(http.edge.meters));
  app.use(securityHeaders({ style: ["'self'", NONCE] }));
  app.use(readLimit(http.edge.admission));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => notAllowed(c.req, methods) }));
  app.post('/v1/votes', (c) => castForm(c, http));
  mountReceipts(app, http);
  mountContests(app, http);
  mountLive(app, http);
  mountHealth(app, http);
  mountOpenApi(app);
  mountVisits(app, http);
  mountAssets(app, http.assets);
  mountVotePage(app, http);
  mountNotFound(app, http);
  app.onError(answerError);
  return app;
}

function notAllowed({ method, path }: { method: string; path: string }, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  const detail = `Method ${method} is not allowed for ${path.slice(0, 200)}; use ${allow}`;
  return problemResponse({ code: ErrorCode.METHOD_NOT_ALLOWED, detail, allow });
}

function answerError(error: Error, c: EdgeContext): Response {
  return problemResponse(logRequestError(error, c.req));
}
