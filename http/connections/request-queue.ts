import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PieceReader } from './piece-reader.ts';
import type { TurnGate } from './turn-gate.ts';

/**
 * Requests of one connection that are processed at once; further ones wait. A read is processed alone: answers leave in
 * order, so the answers to later reads would only fill memory.
 */
const MAX_RUNNING = 4;

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Of MAX_RUNNING. */
  readonly slots: number;
}

/**
 * The pipelined requests of one connection. `node:http` would start all requests that it has parsed, so a client could
 * start thousands with one write and leave. While requests wait, the connection is not read; they are dropped if the
 * client leaves.
 */
export class RequestQueue {
  readonly #socket: Socket;
  readonly #reader: PieceReader;
  readonly #listener: RequestListener;
  readonly #reads: TurnGate;
  readonly #waiting: Exchange[] = [];
  #running = 0;

  /**
   * Create it after the server got the socket.
   *
   * @param reads starts the reads of all connections
   */
  constructor(socket: Socket, listener: RequestListener, reads: TurnGate) {
    this.#socket = socket;
    this.#reader = new PieceReader(socket);
    this.#listener = listener;
    this.#reads = reads;
  }

  /** Processes a request, now or when others of the connection are answered. */
  add(req: IncomingMessage, res: ServerResponse): void {
    this.#reader.expectBody(Number(req.headers['content-length'] ?? 0));
    this.#waiting.push({ req, res, slots: isRead(req) ? MAX_RUNNING : 1 });
    this.#startWaiting();
    if (this.#waiting.length > 0) this.#reader.hold();
  }

  /** Called when the connection has had its last answer. */
  drop(): void {
    this.#waiting.length = 0;
    this.#reader.release();
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#start(next);
    }
  }

  #hasRoom({ slots }: Exchange): boolean {
    return this.#running + slots <= MAX_RUNNING;
  }

  #start({ req, res, slots }: Exchange): void {
    this.#running += slots;
    res.once('close', () => {
      this.#running -= slots;
      this.#onClosed();
    });
    if (isRead(req)) this.#reads.run(() => this.#answer(req, res));
    else this.#answer(req, res);
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    if (!this.#socket.destroyed) this.#listener(req, res);
  }

  #onClosed(): void {
    if (this.#socket.destroyed) this.drop();
    this.#startWaiting();
    if (this.#waiting.length === 0) this.#reader.release();
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
