import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Edge } from '../edge.ts';
import type { Problem } from '../ingress.ts';
import { mountContests } from './contests.ts';
import { mountHealth } from './health.ts';
import type { EdgeMetrics } from './metrics.ts';
import { mountOpenApi } from './openapi.ts';
import { mountAssets, type PageAssets, pageAssets } from './page/assets.ts';
import { problemReply } from './problem-reply.ts';
import { mountReceipts } from './receipts.ts';
import { toResponse } from './reply.ts';
import { mountVisits } from './visits.ts';
import { mountVotePage } from './vote-page.ts';
import { createVoteRoute, type VoteRoute } from './vote-route.ts';
import { createVoterCookie, type VoterCookie } from './voter-cookie.ts';
import { mountVotes } from './votes.ts';

/** What a runtime's entry tells of a request beside the request itself. */
export interface EdgeBindings {
  /** The address of the peer; a function, for it is not free and seldom asked for. */
  readonly address?: () => string;
  /** The same as @hono/node-server gives it. */
  readonly incoming?: Pick<IncomingMessage, 'headers' | 'socket'>;
}

export type EdgeApp = Hono<{ Bindings: EdgeBindings }>;

/** What the routes share. */
export interface EdgeHttp {
  readonly edge: Edge;
  readonly route: VoteRoute;
  readonly metrics: EdgeMetrics;
  readonly cookie: VoterCookie;
  readonly assets: PageAssets;
}

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
  app.notFound((c) => toResponse(problemReply(notFound(c.req.path))));
  app.onError((error) => {
    console.error(error);
    return toResponse(problemReply({ code: ErrorCode.INTERNAL, detail: 'A fault of ours. It was written down' }));
  });
  return app;
}

function notFound(path: string): Problem {
  return { code: ErrorCode.NOT_FOUND, detail: `There is nothing at ${path.slice(0, 200)}` };
}
