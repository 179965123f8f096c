import type { Edge } from '../edge.ts';
import type { EdgeMetrics } from '../metrics/edge-metrics.ts';
import type { LiveViews } from './live/live-views.ts';
import type { PageAssets } from './page/assets.ts';
import type { VoterCookie } from './voter/voter-cookie.ts';
import type { VoteRoute } from './votes/vote-route.ts';

/** Dependencies shared by the routes. */
export interface EdgeHttp {
  readonly edge: Edge;
  readonly voteRoute: VoteRoute;
  readonly metrics: EdgeMetrics;
  readonly cookie: VoterCookie;
  readonly assets: PageAssets;
  readonly live: LiveViews;
}
