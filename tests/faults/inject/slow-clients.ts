import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Clients that send a request one byte every 500 ms, and reconnect when they are disconnected. */
export async function slowClients(url: string, count: number): Promise<AsyncDisposable> {
  const request = Buffer.from(`POST /v1/votes HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Length: 500\r\n\r\n`);
  const sockets = new Map<Socket, number>();
  let stopped = false;
  const open = () => {
    const socket = connectTo(url);
    sockets.set(socket, 0);
    socket.on('close', () => {
      sockets.delete(socket);
      if (!stopped) open();
    });
    return socket;
  };
  await Promise.all(Array.from({ length: count }, () => once(open(), 'connect')));
  const timer = setInterval(() => {
    for (const [socket, sent] of sockets) {
      if (socket.writable) socket.write(request.subarray(sent, sent + 1));
      sockets.set(socket, sent + 1);
    }
  }, 500);
  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearInterval(timer);
      for (const socket of sockets.keys()) socket.destroy();
    },
  };
}

/** Clients that request an event stream and never read it. */
export async function silentViewers(url: string, count: number): Promise<AsyncDisposable> {
  const { host, pathname } = new URL(url);
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connectTo(url);
      await once(socket, 'connect');
      socket.pause();
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`);
      return socket;
    }),
  );
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // The server disconnects these clients; `close` follows.
  socket.on('error', () => undefined);
  return socket;
}
