import type { Socket } from 'node:net';
import { FlushTurn } from '../http2/output/flush-turn.ts';
import { HTTP1_LIMITS, type Http1Limits } from './limits.ts';
import { VoteConnection, type VoteConnectionOptions } from './vote-connection.ts';

const TICK_MS = 100;

export interface VoteRecognizerOptions extends Pick<VoteConnectionOptions, 'bodyLimit' | 'onVotes' | 'handOver'> {
  /** Default: HTTP1_LIMITS. */
  readonly limits?: Partial<Http1Limits>;
}

/**
 * Answers `POST /v1/votes` over HTTP/1.1 on sockets if requests have the strict form that `readHead` accepts. At the
 * first other request, the connection goes to `handOver` for good, including that request.
 */
export class VoteRecognizer implements Disposable {
  readonly #options: VoteConnectionOptions;
  readonly #connections = new Set<VoteConnection>();
  readonly #clock = { now: performance.now(), date: new Date().toUTCString() };
  readonly #timer: NodeJS.Timeout;
  #closing = false;
  #allGone: (() => void) | undefined;

  constructor({ limits, ...handlers }: VoteRecognizerOptions) {
    this.#options = {
      ...handlers,
      limits: { ...HTTP1_LIMITS, ...limits },
      clock: this.#clock,
      turn: new FlushTurn(),
      onGone: (connection) => this.#gone(connection),
    };
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Number of connections that are not handed over. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Serves a connection. `head`: bytes already read from it. */
  accept(socket: Socket, head?: Buffer): void {
    const connection = new VoteConnection(socket, this.#options);
    this.#connections.add(connection);
    if (this.#closing) connection.stop();
    connection.start(head);
  }

  /**
   * The next answer on each connection is its last; one that stays idle for `stopIdleMs` is closed, because a client
   * may be about to use it. Ends all after `graceMs`.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const connection of this.#connections) connection.stop();
    if (this.#connections.size > 0) {
      const cut = setTimeout(() => this.#destroyAll(), graceMs);
      await new Promise<void>((resolve) => {
        this.#allGone = resolve;
      });
      clearTimeout(cut);
    }
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#destroyAll();
  }

  #gone(connection: VoteConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#allGone?.();
  }

  #destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #tick(): void {
    this.#clock.now = performance.now();
    this.#clock.date = new Date().toUTCString();
    for (const connection of this.#connections) connection.sweep(this.#clock.now);
  }
}
