import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createH2Server } from './http2-server.ts';
import { LISTENER_LIMITS } from './limits.ts';
import type { Listener, ListenerOptions } from './listener.ts';

/**
 * Opens a port that speaks HTTP/2 without TLS alone: for Bun, whose http server does not hand on its sockets, so that
 * one port can't be shared.
 *
 * @throws {Error} where the port is taken or not allowed
 */
export async function openH2Listener(options: ListenerOptions): Promise<Listener> {
  const limits = { ...LISTENER_LIMITS, ...options.limits };
  const { server, closeSessions } = createH2Server(options, limits);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  let closing: Promise<void> | undefined;
  const close = (graceMs: number) => {
    closing ??= new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
        resolve();
      }, graceMs);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      closeSessions();
    });
    return closing;
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return sockets.size;
    },
    close,
    [Symbol.asyncDispose]: () => close(limits.graceMs),
  };
}
