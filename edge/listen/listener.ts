import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { edgeLog } from '../edge-log.ts';
import { createH2Server, type H2Handlers, type H2Server } from './http2-server.ts';
import { LISTENER_LIMITS, type ListenerLimits } from './limits.ts';
import { sniffProtocol } from './sniff.ts';

export interface ListenerOptions extends H2Handlers {
  /** Default: all interfaces. */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly limits?: Partial<ListenerLimits>;
}

/** One open port that speaks HTTP/1.1 and HTTP/2 without TLS (h2c, with prior knowledge). */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /**
   * Takes no new connection, tells clients to go away (GOAWAY; `Connection: close`), lets what is under way end, and
   * cuts what has not ended after `graceMs`. Resolves when every socket is closed.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the port. The http server owns it; the first bytes of a connection say whether it goes to that server's own
 * listener or, where they are HTTP/2's preface, to an http2 server that never listens itself.
 *
 * @throws {Error} where the port is taken or not allowed
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const limits = { ...LISTENER_LIMITS, ...options.limits };
  /** Each connection, and the latest answer of HTTP/1.1 on it. */
  const sockets = new Map<Socket, ServerResponse | undefined>();
  /** Those that have not said what they speak. */
  const silent = new Set<Socket>();
  const h2 = createH2Server(options, limits);
  const h1 = createH1Server(options.request, limits, sockets);
  const [speakHttp1] = h1.listeners('connection') as ((socket: Socket) => void)[];
  h1.removeAllListeners('connection');
  h1.on('connection', (socket: Socket) => {
    sockets.set(socket, undefined);
    silent.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      silent.delete(socket);
    });
    sniffProtocol(socket, limits.silentMs, (protocol) => {
      silent.delete(socket);
      if (protocol === 'http1') {
        speakHttp1?.call(h1, socket);
        return;
      }
      // An http server's sockets stay half open when the peer has finished, for a last answer. HTTP/2 has GOAWAY for
      // that, and its sessions would never notice.
      socket.allowHalfOpen = false;
      h2.server.emit('connection', socket);
    });
  });
  h1.listen(options.port, options.host);
  await once(h1, 'listening');
  let closing: Promise<void> | undefined;
  const close = (graceMs: number) => {
    closing ??= closeAll({ h1, h2, sockets, silent }, graceMs);
    return closing;
  };
  return {
    port: (h1.address() as AddressInfo).port,
    get connections() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: () => close(limits.graceMs),
  };
}

type Sockets = Map<Socket, ServerResponse | undefined>;

function createH1Server(request: RequestListener, limits: ListenerLimits, sockets: Sockets): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.keepAliveMs,
      maxHeaderSize: limits.headerBytes,
      noDelay: true,
    },
    (req, res) => {
      sockets.set(req.socket, res);
      try {
        request(req, res);
      } catch (error) {
        // One caller's request must not be the end of all others'.
        edgeLog.error({ error }, 'Request failed');
        req.socket.destroy();
      }
    },
  );
  server.maxHeadersCount = limits.headerPairs;
  return server;
}

interface OpenParts {
  readonly h1: Server;
  readonly h2: H2Server;
  readonly sockets: Sockets;
  readonly silent: ReadonlySet<Socket>;
}

async function closeAll({ h1, h2, sockets, silent }: OpenParts, graceMs: number): Promise<void> {
  const closed = once(h1, 'close');
  // Closes connections without a request as well; those of HTTP/2 are not its own and get their GOAWAY here.
  h1.close();
  h2.closeSessions();
  // The connection that an answer goes out on from now on must not be used again.
  for (const response of sockets.values()) if (response?.headersSent === false) response.shouldKeepAlive = false;
  for (const socket of silent) socket.destroy();
  const sweep = setInterval(() => {
    // A connection that was between bytes of a request when h1.close() looked becomes idle only later.
    h1.closeIdleConnections();
    // All that was to be said is said, and the peer keeps its side open.
    for (const socket of sockets.keys()) if (socket.writableFinished) leaveSoon(socket);
  }, SWEEP_MS);
  const cut = setTimeout(() => {
    for (const socket of sockets.keys()) socket.destroy();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
  h2.server.close();
  // The server counts its connections down a moment before each says that it is closed.
  for (const socket of sockets.keys()) await once(socket, 'close');
}

const SWEEP_MS = 50;
/** How long a peer that was told goodbye may take to say it too; its unread bytes would turn a close into a reset. */
const GOODBYE_MS = 250;
const leaving = new WeakSet<Socket>();

function leaveSoon(socket: Socket): void {
  if (leaving.has(socket)) return;
  leaving.add(socket);
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
  socket.once('close', () => clearTimeout(timer));
}
