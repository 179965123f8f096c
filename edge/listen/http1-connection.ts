import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose } from '../../http/connections/lingering-close.ts';
import { requestIdOf } from '../../http/request/request-id.ts';
import type { ListenerLimits } from './limits.ts';

/** The deadlines of one HTTP/1.1 connection. */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #limits: ListenerLimits;
  /** Requests without a complete answer. */
  #unanswered = 0;
  /** The latest request. */
  #latest: { readonly req: IncomingMessage; readonly res: ServerResponse } | undefined;
  #stopping = false;
  /** Bytes that the requests so far, as far as they are known, and a partial head have. */
  #bytesRead = 0;
  /** Milliseconds of `performance.now()` since when the current request is arriving, or the connection is idle. */
  #since = performance.now();
  #state: 'idle' | 'head' | 'request' = 'head';

  constructor(socket: Socket, limits: ListenerLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Called for each request. */
  begin(req: IncomingMessage, res: ServerResponse): void {
    this.#unanswered++;
    this.#latest = { req, res };
    this.#state = 'request';
    this.#since = performance.now();
    if (this.#stopping) res.shouldKeepAlive = false;
    res.once('close', this.#onAnswered);
  }

  /** Called when the server stops; makes the next answer the last one. */
  stop(): void {
    this.#stopping = true;
    if (this.#latest?.res.headersSent === false) this.#latest.res.shouldKeepAlive = false;
    if (this.#state === 'idle') this.#since = performance.now();
  }

  /** Enforces the deadlines. */
  sweep(now: number): void {
    const { headersMs, requestMs, keepAliveMs, stopIdleMs, lingerMs } = this.#limits;
    const { bytesRead } = this.#socket;
    const waited = now - this.#since;
    if (this.#state === 'idle') {
      if (bytesRead !== this.#bytesRead) this.#enter('head', now);
      else if (waited > (this.#stopping ? stopIdleMs : keepAliveMs)) lingeringClose(this.#socket, lingerMs);
    } else if (this.#state === 'head') {
      if (waited > headersMs) this.#timeOut();
    } else if (this.#latest?.req.complete === false && waited > requestMs) this.#timeOut();
  }

  readonly #onAnswered = () => {
    if (--this.#unanswered === 0) this.#enter('idle', performance.now());
  };

  #enter(state: 'idle' | 'head', now: number): void {
    this.#state = state;
    this.#since = now;
    this.#bytesRead = this.#socket.bytesRead;
  }

  #timeOut(): void {
    const latest = this.#latest;
    if (this.#state === 'request' && latest !== undefined) {
      const { req, res } = latest;
      const headers = { connection: 'close', 'content-length': 0, 'x-request-id': requestIdOf(req) };
      if (res.headersSent) this.#socket.destroy();
      else res.writeHead(408, headers).end();
      return;
    }
    this.#socket.write(TIMEOUT);
    lingeringClose(this.#socket, this.#limits.lingerMs);
  }
}

const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
