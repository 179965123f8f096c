import type { Edge } from '../../edge.ts';
import { createResultsFeed, type ResultsFeed } from '../../grpc/results/results-feed.ts';

/** Often enough for a phone; the dashboard updates four times as often. */
const TICK_MS = 1000;

/** The streams of the vote pages. */
export interface LiveViews {
  readonly feed: ResultsFeed;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  stop(): void;
}

export function createLiveViews({ contests, results, redisMonitor }: Edge): LiveViews {
  const feed = createResultsFeed({ contests, results, now: redisMonitor.now, tickMs: TICK_MS });
  const stopping = new AbortController();
  return {
    feed,
    stopping: stopping.signal,
    stop() {
      stopping.abort();
      feed[Symbol.dispose]();
    },
  };
}
