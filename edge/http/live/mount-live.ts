import { unknownContest } from '../../../http/common-problems.ts';
import { isProblem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import type { EdgeApp } from '../edge-env.ts';
import type { EdgeHttp } from '../edge-http.ts';
import { FetchRequestView } from '../fetch-request-view.ts';
import { liveCounts } from './live-frame.ts';
import { liveStream } from './live-stream.ts';

/**
 * `GET /v1/contests/:id/live`: the counts as the vote page needs them. Server-sent events for a client that accepts
 * them, after each change and every 30 s; otherwise one document, for pages that cannot get a stream.
 */
export function mountLive(app: EdgeApp, { edge, live }: EdgeHttp): void {
  app.get('/v1/contests/:id/live', async (c) => {
    const id = c.req.param('id');
    if (edge.contests.get(id) === undefined) return problemResponse(unknownContest(id));
    const isStream = c.req.header('accept')?.includes('text/event-stream') === true && c.req.method === 'GET';
    if (!isStream) return c.json(liveCounts(await live.feed.read(id)), 200, HEADERS);
    const release = edge.admission.admitWatch(new FetchRequestView(c.req.raw, c.env));
    if (isProblem(release)) return problemResponse(release);
    const socket = c.env.incoming?.socket;
    // The listener lets a client half-close and wait for the answer, but this answer never ends.
    const left = new AbortController();
    const leave = () => left.abort();
    socket?.once('end', leave);
    const body = liveStream({
      feed: live.feed,
      contest: id,
      signal: AbortSignal.any([live.stopping, left.signal, c.req.raw.signal]),
      onEnd() {
        socket?.off('end', leave);
        release();
      },
      cut: () => socket?.destroy(),
    });
    return c.body(body, 200, { ...HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  });
}

const HEADERS = { 'cache-control': 'no-store, no-transform', vary: 'accept' };
