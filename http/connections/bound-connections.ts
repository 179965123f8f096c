import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { normalizeRequest } from '../request/normalize-request.ts';
import { requestIdOf } from '../request/request-id.ts';
import { lingeringClose } from './lingering-close.ts';
import { RequestQueue } from './request-queue.ts';
import type { TurnGate } from './turn-gate.ts';

interface BoundOptions {
  /** Where reads begin. */
  readonly reads: TurnGate;
  /** How long a client may take to close its side of a connection after the last answer, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * Answers the requests of a server of `node:http`, of any runtime, with bounds on what one connection may cost: few
 * requests are parsed ahead, fewer are worked on, and clients may close their side before the answer and after it.
 */
export function boundConnections(server: Server, listener: RequestListener, { reads, lingerMs }: BoundOptions): void {
  const queues = new WeakMap<Socket, RequestQueue>();
  // A client may close its side after its request and wait for the answer. The types lack the property.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => {
    const queue = new RequestQueue(socket, listener, reads);
    queues.set(socket, queue);
    // `node:http` ends a connection with this after its last answer, and when it refuses a body.
    socket.destroySoon = () => {
      queue.drop();
      lingeringClose(socket, lingerMs);
    };
  });
  server.on('request', (req, res) => {
    if (normalizeRequest(req)) queues.get(req.socket)?.add(req, res);
    else res.writeHead(400, { connection: 'close', 'content-length': 0, 'x-request-id': requestIdOf(req) }).end();
  });
}
