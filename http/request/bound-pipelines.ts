import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that are processed at once; further ones wait. */
const MAX_RUNNING = 4;
/** Requests of one connection that may wait; one more closes it. Browsers do not pipeline. */
const MAX_WAITING = 64;

interface Connection {
  running: number;
  readonly waiting: { readonly req: IncomingMessage; readonly res: ServerResponse }[];
}

/**
 * Bounds the pipelined requests of each connection. `node:http` starts every request that it has parsed, so a client
 * could start thousands with one write and disconnect. Waiting requests are dropped when their client disconnects.
 */
export function boundPipelines(listener: RequestListener): RequestListener {
  const connections = new WeakMap<Socket, Connection>();

  const start = (connection: Connection, req: IncomingMessage, res: ServerResponse) => {
    connection.running++;
    res.once('close', () => {
      connection.running--;
      if (req.socket.destroyed) connection.waiting.length = 0;
      const next = connection.waiting.shift();
      if (next !== undefined) start(connection, next.req, next.res);
      else if (req.socket.isPaused()) req.socket.resume();
    });
    listener(req, res);
  };

  return (req, res) => {
    const connection = connections.get(req.socket) ?? { running: 0, waiting: [] };
    connections.set(req.socket, connection);
    if (connection.running < MAX_RUNNING) return start(connection, req, res);
    if (connection.waiting.length >= MAX_WAITING) {
      req.socket.destroy();
      return;
    }
    connection.waiting.push({ req, res });
    req.socket.pause();
  };
}
