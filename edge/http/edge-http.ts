import type { Edge } from '../edge.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { PageAssets } from './page/assets.ts';
import type { VoteRoute } from './votes/vote-route.ts';
import type { VoterCookie } from './votes/voter-cookie.ts';

/** What the routes share. */
export interface EdgeHttp {
  readonly edge: Edge;
  readonly voteRoute: VoteRoute;
  readonly metrics: EdgeMetrics;
  readonly cookie: VoterCookie;
  readonly assets: PageAssets;
}
