import type { IncomingMessage } from 'node:http';
import type { Hono } from 'hono';
import type { Edge } from '../edge.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { PageAssets } from './page/assets.ts';
import type { VoteRoute } from './votes/vote-route.ts';
import type { VoterCookie } from './votes/voter-cookie.ts';

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
