import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PieceReader } from './piece-reader.ts';
import type { TurnGate } from './turn-gate.ts';

/** Requests of one connection that are worked on at once; further ones wait. */
const MAX_RUNNING = 4;

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/**
 * The pipelined requests of one connection. `node:http` would begin all that it has parsed, so a client could put thousands
 * to work with one write and leave. While requests wait, the connection is not read; they are dropped if the client leaves.
 */
export class RequestQueue {
  readonly #socket: Socket;
  readonly #reader: PieceReader;
  readonly #listener: RequestListener;
  readonly #reads: TurnGate;
  readonly #waiting: Exchange[] = [];
  #running = 0;

  /**
   * Created once the server has the socket.
   *
   * @param reads where the reads of all connections begin
   */
  constructor(socket: Socket, listener: RequestListener, reads: TurnGate) {
    this.#socket = socket;
    this.#reader = new PieceReader(socket);
    this.#listener = listener;
    this.#reads = reads;
  }

  /** Works on a request, now or when others of the connection are answered. */
  add(req: IncomingMessage, res: ServerResponse): void {
    res.once('close', this.#onClosed);
    if (this.#running < MAX_RUNNING) this.#start({ req, res });
    else {
      this.#waiting.push({ req, res });
      this.#reader.hold();
    }
  }

  /** Called when the connection has had its last answer. */
  drop(): void {
    this.#waiting.length = 0;
    this.#reader.release();
  }

  #start({ req, res }: Exchange): void {
    this.#running++;
    if (req.method === 'GET' || req.method === 'HEAD') this.#reads.run(() => this.#answer(req, res));
    else this.#answer(req, res);
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    if (!this.#socket.destroyed) this.#listener(req, res);
  }

  readonly #onClosed = () => {
    this.#running--;
    if (this.#socket.destroyed) this.drop();
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
    if (this.#waiting.length === 0) this.#reader.release();
  };
}
