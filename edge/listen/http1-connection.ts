import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose } from '../../http/request/lingering-close.ts';
import { edgeLog } from '../edge-log.ts';
import type { ListenerLimits } from './limits.ts';
import type { TurnGate } from './turn-gate.ts';

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** The server's state of one HTTP/1.1 connection: which of its requests are worked on, and since when it waits. */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #request: RequestListener;
  readonly #limits: ListenerLimits;
  readonly #reads: TurnGate;
  #running = 0;
  /** Pipelined requests beyond `pipelined`. They are dropped if the client leaves. */
  readonly #waiting: Exchange[] = [];
  /** The last request that began. */
  #latest: Exchange | undefined;
  #stopping = false;
  /** Bytes that the requests so far, as far as they are known, and a partial head have. */
  #bytesRead = 0;
  /** Milliseconds of `performance.now()`: since when the current request is arriving, or none is. */
  #since = performance.now();
  #state: 'idle' | 'head' | 'request' = 'head';

  /** @param reads where the reads of all connections begin */
  constructor(socket: Socket, request: RequestListener, limits: ListenerLimits, reads: TurnGate) {
    this.#socket = socket;
    this.#request = request;
    this.#limits = limits;
    this.#reads = reads;
  }

  /** Works on a request, now or when others of the connection are answered. */
  begin(req: IncomingMessage, res: ServerResponse): void {
    this.#latest = { req, res };
    this.#state = 'request';
    this.#since = performance.now();
    if (this.#stopping) res.shouldKeepAlive = false;
    res.once('close', this.#onResponseClosed);
    if (this.#running < this.#limits.pipelined) this.#start(req, res);
    else if (this.#waiting.length < this.#limits.pipelineQueue) {
      this.#waiting.push({ req, res });
      this.#socket.pause();
    } else {
      // `node:http` parses all requests of one read, some 5 KB of objects each: a client that sends more is not honest.
      this.#socket.destroy();
    }
  }

  /** Called when the server stops: the next answer is the last one. */
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

  #start(req: IncomingMessage, res: ServerResponse): void {
    this.#running++;
    // A page costs as much as dozens of votes; requests for many pages must not delay votes.
    if (req.method === 'GET' || req.method === 'HEAD') this.#reads.run(() => this.#answer(req, res));
    else this.#answer(req, res);
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    if (this.#socket.destroyed) return;
    try {
      this.#request(req, res);
    } catch (error) {
      // One request must not end the process with all others.
      edgeLog.error({ error }, 'Request failed');
      this.#socket.destroy();
    }
  }

  readonly #onResponseClosed = () => {
    this.#running--;
    if (this.#socket.destroyed) this.#waiting.length = 0;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#start(next.req, next.res);
      return;
    }
    if (this.#running === 0) this.#enter('idle', performance.now());
    if (this.#socket.isPaused()) this.#socket.resume();
  };

  #enter(state: 'idle' | 'head', now: number): void {
    this.#state = state;
    this.#since = now;
    this.#bytesRead = this.#socket.bytesRead;
  }

  #timeOut(): void {
    const res = this.#latest?.res;
    if (this.#state === 'request' && res !== undefined) {
      if (res.headersSent) this.#socket.destroy();
      else res.writeHead(408, { connection: 'close', 'content-length': 0 }).end();
      return;
    }
    this.#socket.write(TIMEOUT);
    lingeringClose(this.#socket, this.#limits.lingerMs);
  }
}

const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
