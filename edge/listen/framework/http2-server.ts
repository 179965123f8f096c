import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type ServerHttp2Session } from 'node:http2';
import { answerRequestError } from '../../answer-request-error.ts';
import type { ConnectionServer } from '../connection-server.ts';

/** Times in milliseconds. */
const LIMITS = { streams: 128, firstStreamMs: 60_000, idleMs: 60_000, pingMs: 5_000 };

/**
 * HTTP/2 served by `node:http2`, for INGRESS=framework. An old session refuses the requests that cross its GOAWAY, which
 * clients may repeat (RFC 9113, 8.7). It cannot announce its end with a GOAWAY of the highest stream id, as the direct
 * ingress does: after any GOAWAY, nghttp2 drops new requests, and their clients would wait forever.
 *
 * @param ageMs see `Http2Limits.ageMs`; 0: never
 */
export function frameworkHttp2(request: RequestListener, ageMs = 0): ConnectionServer {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer(
    {
      settings: { maxConcurrentStreams: LIMITS.streams, maxHeaderListSize: 8_192, enablePush: false },
      maxSessionMemory: 4,
      maxHeaderListPairs: 100,
      maxSettings: 16,
      maxOutstandingPings: 4,
      streamResetBurst: 500,
      streamResetRate: 100,
      // Skips a check for duplicate headers on each answer; there are none.
      strictSingleValueFields: false,
    },
    // The type declarations allow RequestListener only with the classes of HTTP/1.1.
    answerRequestError(request) as unknown as (req: unknown, res: unknown) => void,
  );
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    superviseSession(session);
    if (ageMs === 0) return;
    const leave = setTimeout(() => session.close(), ageMs * (0.9 + Math.random() / 5)).unref();
    session.once('close', () => clearTimeout(leave));
  });
  // A session that fails closes itself; without a listener its error would end the process.
  server.on('sessionError', (_error, session) => session.destroy());
  return {
    accept(socket, head) {
      // A session would never notice that its peer has closed its side.
      socket.allowHalfOpen = false;
      socket.pause();
      socket.unshift(head);
      server.emit('connection', socket);
    },
    async close(graceMs) {
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, graceMs);
      for (const session of sessions) session.close();
      await Promise.all([...sessions].map((session) => once(session, 'close')));
      clearTimeout(cut);
    },
  };
}

/** Ends idle sessions, and sessions whose peer has silently disappeared. */
function superviseSession(session: ServerHttp2Session): void {
  const silent = setTimeout(() => session.destroy(), LIMITS.firstStreamMs).unref();
  session.once('stream', () => clearTimeout(silent));
  session.once('close', () => clearTimeout(silent));
  session.setTimeout(LIMITS.idleMs, () => {
    if (!session.destroyed) askForLife(session);
    // Sends GOAWAY: open streams continue, and the next call uses another connection.
    if (!session.closed) session.close();
  });
}

function askForLife(session: ServerHttp2Session): void {
  const dead = setTimeout(() => session.destroy(), LIMITS.pingMs);
  session.once('close', () => clearTimeout(dead));
  if (!session.ping(() => clearTimeout(dead))) session.destroy();
}
