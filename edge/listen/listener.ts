import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TurnGate } from '../../http/connections/turn-gate.ts';
import type { ConnectionServer } from './connection-server.ts';
import { Http1Server } from './http1-server.ts';
import { LISTENER_LIMITS, type ListenerLimits } from './limits.ts';
import { sniffProtocol } from './sniff.ts';

export interface ListenerOptions {
  /** Default: all interfaces. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** Answers HTTP/1.1 requests that `node:http` reads. */
  readonly request: RequestListener;
  readonly http2: ConnectionServer;
  /** Starts the reads of `request`. Default: a separate gate. */
  readonly reads?: TurnGate;
  /** Serves HTTP/1.1 connections first and passes the others to `handOver`. Default: no such server. */
  readonly votes?: (handOver: (socket: Socket) => void) => ConnectionServer;
  readonly limits?: Partial<ListenerLimits>;
}

/** One open port that speaks HTTP/1.1 and HTTP/2 without TLS (h2c, with prior knowledge). */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /**
   * Accepts no new connections, asks clients to leave (GOAWAY; `Connection: close`), lets requests in flight finish,
   * and closes the rest after `graceMs`. Resolves when every socket is closed.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the port. The first bytes of a connection decide who serves it: HTTP/2's preface is for `http2`, everything
 * else for `votes` if there is one, and for `node:http` otherwise.
 *
 * @throws {Error} if the port is in use or not allowed
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const limits = { ...LISTENER_LIMITS, ...options.limits };
  const sockets = new Set<Socket>();
  /** Connections that have not sent their first bytes. */
  const silent = new Set<Socket>();
  const http1 = new Http1Server(options.request, limits, options.reads ?? new TurnGate());
  const votes = options.votes?.((socket) => http1.accept(socket));
  const { http2 } = options;
  // A client may close its side after its request.
  const port = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    silent.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      silent.delete(socket);
    });
    sniffProtocol(socket, limits.silentMs, (protocol, head) => {
      silent.delete(socket);
      if (protocol === 'http2') http2.accept(socket, head);
      else if (votes !== undefined) votes.accept(socket, head);
      else {
        socket.unshift(head);
        http1.accept(socket);
      }
    });
  });
  port.listen(options.port, options.host);
  await once(port, 'listening');
  let closing: Promise<void> | undefined;

  const closeAll = async (graceMs: number) => {
    const closed = once(port, 'close');
    port.close();
    const cutSilent = setTimeout(() => destroyAll(silent), limits.stopIdleMs);
    const cut = setTimeout(() => destroyAll(sockets), graceMs);
    await Promise.all([closed, votes?.close(graceMs), http1.close(graceMs), http2.close(graceMs)]);
    clearTimeout(cutSilent);
    clearTimeout(cut);
    // The server emits `close` just before its last sockets do.
    for (const socket of sockets) await once(socket, 'close');
  };
  const close = (graceMs: number) => {
    closing ??= closeAll(graceMs);
    return closing;
  };
  return {
    port: (port.address() as AddressInfo).port,
    get connections() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: () => close(limits.graceMs),
  };
}

function destroyAll(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
