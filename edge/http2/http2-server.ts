import type { ByteSocket } from './byte-socket.ts';
import { Http2Connection } from './connection/http2-connection.ts';
import { HTTP2_LIMITS, type Http2Limits } from './limits.ts';
import { ChunkPool } from './output/chunk-pool.ts';
import { FlushTurn } from './output/flush-turn.ts';
import { Penalties } from './penalties.ts';
import type { Http2Stream } from './stream/http2-stream.ts';
import type { StreamHandler } from './stream/stream-handler.ts';
import type { HostedStream } from './stream/stream-host.ts';

/** Precision of time limits. */
const TICK_MS = 100;
/** Connections are checked once per this many ticks. */
const SWEEP_TICKS = 5;

export interface Http2ServerOptions {
  /** Called for each request when its headers are complete. If it throws, only that request fails. */
  readonly onRequest: (stream: Http2Stream) => StreamHandler;
  /** What serves a request threw: answers or resets its stream. Undefined: the stream is closed. */
  readonly onError: (error: unknown, stream: HostedStream | undefined) => void;
  /** Default: HTTP2_LIMITS. */
  readonly limits?: Partial<Http2Limits>;
}

/**
 * Serves HTTP/2 (RFC 9113) on accepted sockets: cleartext with prior knowledge; a proxy terminates TLS. No server push;
 * priorities are ignored. Its connections share memory for output, a clock and one timer.
 */
export class Http2Server implements AsyncDisposable {
  readonly limits: Http2Limits;
  readonly #handlers: Pick<Http2ServerOptions, 'onRequest' | 'onError'>;
  readonly #connections = new Set<Http2Connection>();
  readonly #penalties: Penalties;
  readonly #pool = new ChunkPool();
  readonly #turn = new FlushTurn();
  readonly #clock = { now: performance.now() };
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #closing = false;
  #allClosed: (() => void) | undefined;

  constructor({ limits, ...handlers }: Http2ServerOptions) {
    this.limits = { ...HTTP2_LIMITS, ...limits };
    this.#handlers = handlers;
    this.#penalties = new Penalties(this.limits.penaltyMs);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Serves a connection. `head`: bytes already read from it. */
  accept(socket: ByteSocket, head?: Buffer): void {
    if (this.#penalties.refuses(socket.remoteAddress, this.#clock.now)) {
      socket.destroy();
      return;
    }
    const connection = new Http2Connection(socket, {
      limits: this.limits,
      clock: this.#clock,
      pool: this.#pool,
      turn: this.#turn,
      ...this.#handlers,
      onFlood: ({ remoteAddress }) => this.#penalties.add(remoteAddress, this.#clock.now),
      onClosed: (closed) => this.#closed(closed),
    });
    this.#connections.add(connection);
    if (this.#closing) connection.shutdown();
    if (head !== undefined) connection.received(head);
    socket.start(connection);
  }

  /** Ends every connection once its open streams are answered, at the latest after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const connection of this.#connections) connection.shutdown();
    if (this.#connections.size > 0) {
      const cut = setTimeout(() => {
        for (const connection of this.#connections) connection.destroy();
      }, graceMs);
      await new Promise<void>((resolve) => {
        this.#allClosed = resolve;
      });
      clearTimeout(cut);
    }
    clearInterval(this.#timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(0);
  }

  #closed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  #tick(): void {
    this.#clock.now = performance.now();
    if (++this.#ticks % SWEEP_TICKS !== 0) return;
    for (const connection of this.#connections) connection.sweep(this.#clock.now);
  }
}
