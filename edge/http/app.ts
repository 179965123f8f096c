import { Hono } from 'hono';
import { problemReply } from '../../http/problem-reply.ts';
import { toResponse } from '../../http/reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Edge } from '../edge.ts';
import { mountContests } from './contests.ts';
import type { EdgeApp, EdgeHttp } from './edge-http.ts';
import { mountHealth } from './health.ts';
import type { EdgeMetrics } from './metrics.ts';
import { mountNotFound } from './not-found.ts';
import { mountOpenApi } from './openapi.ts';
import { mountAssets, pageAssets } from './page/assets.ts';
import { mountVotePage } from './page/vote-page.ts';
import { mountReceipts } from './receipts.ts';
import { mountVisits } from './visits.ts';
import { createVoteRoute } from './votes/vote-route.ts';
import { createVoterCookie } from './votes/voter-cookie.ts';
import { mountVotes } from './votes/votes.ts';

export function createEdgeHttp(edge: Edge, metrics: EdgeMetrics): EdgeHttp {
  const { ingress, codecs, config } = edge;
  return {
    edge,
    metrics,
    cookie: createVoterCookie(edge.secret, config),
    assets: pageAssets(),
    route: createVoteRoute({ ingress, codec: codecs.http }),
  };
}

/** The edge's HTTP, for every runtime that speaks `fetch`. */
export function createApp(http: EdgeHttp): EdgeApp {
  const app: EdgeApp = new Hono();
  mountVotes(app, http);
  mountReceipts(app, http);
  mountContests(app, http);
  mountHealth(app, http);
  mountOpenApi(app);
  mountVisits(app, http);
  mountAssets(app, http.assets);
  mountVotePage(app, http);
  mountNotFound(app, http);
  app.onError((error) => {
    console.error(error);
    return toResponse(problemReply({ code: ErrorCode.INTERNAL, detail: 'A fault of ours. It was written down' }));
  });
  return app;
}
