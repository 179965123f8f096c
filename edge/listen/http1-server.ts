import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose } from '../../http/request/lingering-close.ts';
import { normalizeRequest } from '../../http/request/normalize-request.ts';
import { Http1Connection } from './http1-connection.ts';
import type { ListenerLimits } from './limits.ts';
import { TurnGate } from './turn-gate.ts';

const STOPPING_SWEEP_MS = 50;
/** Of all connections in a turn of the event loop. */
const READS_PER_TURN = 2;

/**
 * `node:http`, of any runtime, on accepted connections. It does not listen, so its own timeouts never fire; the sweep
 * enforces them here.
 */
export class Http1Server {
  readonly #limits: ListenerLimits;
  readonly #request: RequestListener;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Http1Connection>();
  readonly #reads = new TurnGate(READS_PER_TURN);
  #timer: NodeJS.Timeout;
  #stopping = false;
  #allClosed: (() => void) | undefined;

  constructor(request: RequestListener, limits: ListenerLimits) {
    this.#limits = limits;
    this.#request = request;
    this.#server = createServer(
      { keepAliveTimeout: limits.keepAliveMs, maxHeaderSize: limits.headerBytes, noDelay: true },
      (req, res) => {
        if (normalizeRequest(req)) this.#connections.get(req.socket)?.begin(req, res);
        else res.writeHead(400, { connection: 'close', 'content-length': 0 }).end();
      },
    );
    this.#server.maxHeadersCount = limits.headerPairs;
    // A client may close its side after its request and wait for the answer. The types lack the property.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    // Deno closes a connection after its first answer if the server does not listen, whatever the answer's Connection says.
    Object.defineProperty(this.#server, 'listening', { value: true });
    this.#timer = setInterval(this.#sweep, limits.checkMs).unref();
  }

  /** Serves a connection, starting with the next byte that `socket` emits. */
  accept(socket: Socket): void {
    const connection = new Http1Connection(socket, this.#request, this.#limits, this.#reads);
    this.#connections.set(socket, connection);
    if (this.#stopping) connection.stop();
    socket.once('close', () => this.#closed(socket));
    // `node:http` ends a connection with this after its last answer, and when it refuses a body.
    socket.destroySoon = () => lingeringClose(socket, this.#limits.lingerMs);
    this.#server.emit('connection', socket);
  }

  /**
   * The next answer on each connection is its last; one that stays idle for `stopIdleMs` is closed, because a client may
   * be about to use it. Ends all after `graceMs`.
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
