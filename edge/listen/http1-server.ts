import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { boundConnections } from '../../http/connections/bound-connections.ts';
import type { TurnGate } from '../../http/connections/turn-gate.ts';
import { answerRequestError } from '../answer-request-error.ts';
import { Http1Connection } from './http1-connection.ts';
import type { ListenerLimits } from './limits.ts';

const STOPPING_SWEEP_MS = 50;

/**
 * Serves accepted connections with `node:http` of any runtime. That server does not listen, so its own timeouts never
 * fire; the sweep enforces them instead.
 */
export class Http1Server {
  readonly #limits: ListenerLimits;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Http1Connection>();
  #timer: NodeJS.Timeout;
  #stopping = false;
  #allClosed: (() => void) | undefined;

  /** @param reads where reads begin */
  constructor(request: RequestListener, limits: ListenerLimits, reads: TurnGate) {
    this.#limits = limits;
    this.#server = createServer(
      { keepAliveTimeout: limits.keepAliveMs, maxHeaderSize: limits.headerBytes, noDelay: true },
      (req, res) => this.#connections.get(req.socket)?.begin(req, res),
    );
    boundConnections(this.#server, answerRequestError(request), { reads, lingerMs: limits.lingerMs });
    this.#server.maxHeadersCount = limits.headerPairs;
    // If the server does not listen, Deno closes a connection after its first answer, regardless of Connection.
    Object.defineProperty(this.#server, 'listening', { value: true });
    this.#timer = setInterval(this.#sweep, limits.checkMs).unref();
  }

  /** Serves a connection, starting with the next byte that `socket` emits. */
  accept(socket: Socket): void {
    const connection = new Http1Connection(socket, this.#limits);
    this.#connections.set(socket, connection);
    if (this.#stopping) connection.stop();
    socket.once('close', () => this.#closed(socket));
    this.#server.emit('connection', socket);
  }

  /**
   * The next answer on each connection is its last; one that stays idle for `stopIdleMs` is closed, because a client
   * may be about to use it. Ends all after `graceMs`.
   */
  async close(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#sweep, STOPPING_SWEEP_MS).unref();
    for (const connection of this.#connections.values()) connection.stop();
    if (this.#connections.size > 0) {
      const cut = setTimeout(() => {
        for (const socket of this.#connections.keys()) socket.destroy();
      }, graceMs);
      await new Promise<void>((resolve) => {
        this.#allClosed = resolve;
      });
      clearTimeout(cut);
    }
    clearInterval(this.#timer);
  }

  #closed(socket: Socket): void {
    this.#connections.delete(socket);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  readonly #sweep = () => {
    const now = performance.now();
    for (const connection of this.#connections.values()) connection.sweep(now);
  };
}
