import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { normalizeRequest } from '../request/normalize-request.ts';
import { requestIdOf } from '../request/request-id.ts';
import { lingeringClose } from './lingering-close.ts';
import { RequestQueue } from './request-queue.ts';
import type { TurnGate } from './turn-gate.ts';

interface BoundOptions {
  /** Starts the reads. */
  readonly reads: TurnGate;
  /** Time limit for a client to close its side of a connection after the last answer, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * Answers the requests of a `node:http` server of any runtime, with limits per connection: few requests are parsed
 * ahead, and fewer are processed at once. Clients may close their side before or after the answer.
 */
export function boundConnections(server: Server, listener: RequestListener, { reads, lingerMs }: BoundOptions): void {
  const queues = new WeakMap<Socket, RequestQueue>();
  // A client may close its side after the request and wait for the answer. The type declarations lack this property.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => {
    const queue = new RequestQueue(socket, listener, reads);
    queues.set(socket, queue);
    // `node:http` calls this after the last answer of a connection, and when it rejects a body.
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
