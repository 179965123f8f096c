import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { NONCE } from 'hono/secure-headers';
import { INTERNAL_ERROR } from '../../http/common-problems.ts';
import { problemResponse } from '../../http/problem-reply.ts';
import { securityHeaders } from '../../http/security-headers.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Edge } from '../edge.ts';
import { mountContests } from './contests.ts';
import type { EdgeApp } from './edge-env.ts';
import type { EdgeHttp } from './edge-http.ts';
import { mountHealth } from './health.ts';
import type { EdgeMetrics } from './metrics.ts';
import { mountNotFound } from './not-found.ts';
import { mountOpenApi } from './openapi.ts';
import { mountAssets, pageAssets } from './page/assets.ts';
import { mountVotePage } from './page/vote-page.ts';
import { mountReceipts } from './receipts.ts';
import { mountVisits } from './visits.ts';
import { honoVotes } from './votes/hono-votes.ts';
import { castForm } from './votes/vote-form.ts';
import { VoteRoute } from './votes/vote-route.ts';
import { createVoterCookie } from './votes/voter-cookie.ts';

export function createEdgeHttp(edge: Edge, metrics: EdgeMetrics): EdgeHttp {
  const { ingress, codecs, config, admission } = edge;
  return {
    edge,
    metrics,
    cookie: createVoterCookie(edge.secret, config),
    assets: pageAssets(),
    voteRoute: new VoteRoute({ ingress, codec: codecs.http, admission }),
  };
}

/**
 * The edge's HTTP, for every runtime that speaks `fetch`. Votes have a router of their own without middleware: Hono is
 * fastest if one handler matches, and headers for pages mean nothing to an acknowledgement.
 */
export function createApp(http: EdgeHttp): EdgeApp {
  const votes: EdgeApp = new Hono();
  const rest = createRest(http);
  votes.post(
    '/v1/votes',
    honoVotes(http.voteRoute, (c) => castForm(c, http)),
  );
  votes.notFound((c) => rest.fetch(c.req.raw, c.env));
  votes.onError(answerError);
  return votes;
}

function createRest(http: EdgeHttp): EdgeApp {
  const app: EdgeApp = new Hono();
  app.use(securityHeaders({ style: ["'self'", NONCE] }));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => notAllowed(c.req, methods) }));
  // For `Allow`: the router above answers it.
  app.post(
    '/v1/votes',
    honoVotes(http.voteRoute, (c) => castForm(c, http)),
  );
  mountReceipts(app, http);
  mountContests(app, http);
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

function answerError(error: Error): Response {
  console.error('Request failed', error);
  return problemResponse(INTERNAL_ERROR);
}
