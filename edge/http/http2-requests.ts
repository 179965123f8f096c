import type { TurnGate } from '../../http/connections/turn-gate.ts';
import type { Rpc } from '../grpc/rpc.ts';
import { type FetchHandler, serveFetch } from '../http2/adapters/fetch-adapter.ts';
import type { Http2Stream } from '../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../http2/stream/stream-handler.ts';
import type { EdgeApp } from './edge-env.ts';
import { http2Votes } from './votes/adapters/http2-votes.ts';
import type { VoteRoute } from './votes/vote-route.ts';

interface Http2Routes {
  readonly rpc: Rpc;
  readonly voteRoute: VoteRoute;
  readonly app: EdgeApp;
  /** Starts the app's reads. */
  readonly reads: TurnGate;
}

/** Time limit for a complete body, in milliseconds. */
const BODY_MS = 5_000;

/** Dispatches HTTP/2 requests: votes and RPCs are served directly, everything else by the Hono app. */
export function http2Requests({ rpc, voteRoute, app, reads }: Http2Routes): (stream: Http2Stream) => StreamHandler {
  const fetch: FetchHandler = (request, { remoteAddress }) => app.fetch(request, { address: () => remoteAddress });
  const serveApp = serveFetch(fetch, reads);
  return (stream) => {
    const handler = rpc.stream(stream) ?? http2Votes(stream, voteRoute);
    if (handler !== undefined) return handler;
    stream.limitBody(BODY_MS);
    return serveApp(stream);
  };
}
