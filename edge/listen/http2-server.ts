import type { RequestListener } from 'node:http';
import {
  constants,
  createServer,
  type Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { edgeLog } from '../edge-log.ts';
import type { ListenerLimits } from './limits.ts';

/** Who answers what arrives. */
export interface H2Handlers {
  /** Requests of HTTP/1.1, and those of HTTP/2 that `stream` leaves. */
  readonly request: RequestListener;
  /** Sees each HTTP/2 stream first. True: it answers it. */
  readonly stream?: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;
}

type H2RequestListener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface H2Server {
  readonly server: Http2Server;
  /** Sends GOAWAY on every session; each closes when its last stream has. */
  closeSessions(): void;
}

/** An HTTP/2 server that is given its connections by `server.emit('connection', socket)`, with bounds on each. */
export function createH2Server(handlers: H2Handlers, limits: ListenerLimits): H2Server {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({
    settings: { maxConcurrentStreams: limits.streams, maxHeaderListSize: 8_192, enablePush: false },
    maxSessionMemory: limits.sessionMegabytes,
    maxHeaderListPairs: limits.headerPairs,
    maxSettings: 16,
    maxOutstandingPings: 4,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    streamResetBurst: limits.resetBurst,
    streamResetRate: limits.resetRate,
    unknownProtocolTimeout: limits.silentMs,
    // Looks for headers that we send twice, on each answer. None of ours are.
    strictSingleValueFields: false,
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    superviseSession(session, limits);
  });
  // No `request` listener: it would put the compatibility layer under every stream.
  server.on('stream', (stream, headers, _flags, rawHeaders) => {
    try {
      if (handlers.stream?.(stream, headers) === true) return;
      const request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
      // The types know RequestListener with the classes of HTTP/1.1 alone.
      (handlers.request as unknown as H2RequestListener)(request, new Http2ServerResponse(stream));
    } catch (error) {
      // One caller's request must not be the end of all others'.
      edgeLog.error({ error }, 'Request failed');
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  });
  // A session that fails closes itself; without a listener its error would end the process.
  server.on('sessionError', (_error, session) => session.destroy());
  return {
    server,
    closeSessions() {
      for (const session of sessions) session.close();
    },
  };
}

/** Ends sessions that do nothing, and those whose peer is gone without saying so. */
function superviseSession(session: ServerHttp2Session, limits: ListenerLimits): void {
  const silent = setTimeout(() => session.destroy(), limits.firstStreamMs).unref();
  session.once('stream', () => clearTimeout(silent));
  session.once('close', () => clearTimeout(silent));
  session.setTimeout(limits.idleMs, () => {
    if (!session.destroyed) askForLife(session, limits.pingMs);
    // GOAWAY: what is open goes on, and the next call finds another connection.
    if (!session.closed) session.close();
  });
}

function askForLife(session: ServerHttp2Session, pingMs: number): void {
  const dead = setTimeout(() => session.destroy(), pingMs);
  session.once('close', () => clearTimeout(dead));
  if (!session.ping(() => clearTimeout(dead))) session.destroy();
}
