import type { Socket } from 'node:net';
import type { RequestPool } from '../pool.ts';
import { connectSocket, type Target } from '../target.ts';
import { type Channel, lost, type OnReply, type Reply } from './channel.ts';
import { readHttpReply } from './replies.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const EMPTY = Buffer.alloc(0);

/**
 * One HTTP/1.1 keep-alive connection with one request in flight, on a plain socket. After the server closes it, the
 * next request opens a new connection.
 */
export class Http1Channel implements Channel {
  readonly capacity = 1;
  bytesIn = 0;
  bytesOut = 0;
  readonly #target: Target;
  readonly #pool: RequestPool;
  readonly #onReply: OnReply;
  readonly #requests: RequestCache;
  #socket: Socket | undefined;
  #token: number | undefined;
  #input: Buffer = EMPTY;
  #head: ReplyHead = { text: '', status: 0, length: undefined, chunked: false, closes: false };
  #closed = false;

  private constructor(target: Target, pool: RequestPool, onReply: OnReply) {
    this.#target = target;
    this.#pool = pool;
    this.#onReply = onReply;
    this.#requests = requestsOf(pool, target);
  }

  static async open(target: Target, pool: RequestPool, onReply: OnReply): Promise<Http1Channel> {
    const channel = new Http1Channel(target, pool, onReply);
    await channel.#connect();
    return channel;
  }

  send(index: number, token: number) {
    this.#token = token;
    const request = this.#requests.get(index);
    if (this.#socket !== undefined) {
      this.#write(request);
      return;
    }
    this.#connect().then(
      () => this.#write(request),
      (error: Error) => this.#finish(lost(this.#pool.votesPerRequest, error.message)),
    );
  }

  close() {
    this.#closed = true;
    this.#socket?.destroy();
  }

  async #connect() {
    const socket = await connectSocket(this.#target, (chunk) => this.#read(chunk));
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#input = EMPTY;
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#finish(lost(this.#pool.votesPerRequest, 'connection closed'));
    });
  }

  #write(request: Buffer) {
    this.bytesOut += request.length;
    this.#socket?.write(request);
  }

  #read(chunk: Buffer) {
    this.bytesIn += chunk.length;
    const input = this.#input.length > 0 ? Buffer.concat([this.#input, chunk]) : chunk;
    const headEnd = input.indexOf(HEAD_END);
    const body = headEnd < 0 ? undefined : this.#readBody(input, headEnd);
    if (body === undefined) {
      this.#input = Buffer.from(input);
      return;
    }
    this.#input = EMPTY;
    if (this.#head.closes) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#finish(readHttpReply(this.#head.status, body, this.#pool.votesPerRequest, this.#pool.batch));
  }

  /** The whole body, or undefined while a part of it is missing. */
  #readBody(input: Buffer, headEnd: number): Buffer | undefined {
    const text = input.toString('latin1', 0, headEnd);
    // Within a second, a server sends the same head for nearly every request.
    if (text !== this.#head.text) this.#head = readHead(text);
    const { length, chunked } = this.#head;
    const start = headEnd + HEAD_END.length;
    if (length !== undefined) return input.length >= start + length ? input.subarray(start, start + length) : undefined;
    return chunked ? readChunks(input.subarray(start)) : EMPTY;
  }

  #finish(reply: Reply) {
    const token = this.#token;
    if (token === undefined) return;
    this.#token = undefined;
    this.#onReply(token, reply);
  }
}

/** The bytes of requests, created on first use and shared by all connections of a run. */
class RequestCache {
  readonly #pool: RequestPool;
  readonly #head: string;
  readonly #requests: (Buffer | undefined)[];

  constructor(pool: RequestPool, { host, port }: Target) {
    this.#pool = pool;
    this.#head = `POST /v1/votes HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: ${pool.contentType}\r\ncontent-length: `;
    this.#requests = new Array(pool.bodies.length).fill(undefined);
  }

  get(index: number): Buffer {
    let request = this.#requests[index];
    if (request === undefined) {
      const body = this.#pool.bodies[index] ?? EMPTY;
      request = Buffer.concat([Buffer.from(`${this.#head}${body.length}\r\n\r\n`), body]);
      this.#requests[index] = request;
    }
    return request;
  }
}

const caches = new WeakMap<RequestPool, RequestCache>();

/** The request cache of a pool, which is for one target. */
function requestsOf(pool: RequestPool, target: Target): RequestCache {
  const known = caches.get(pool) ?? new RequestCache(pool, target);
  caches.set(pool, known);
  return known;
}

interface ReplyHead {
  readonly text: string;
  readonly status: number;
  readonly length: number | undefined;
  readonly chunked: boolean;
  readonly closes: boolean;
}

function readHead(text: string): ReplyHead {
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    text,
    status: Number(text.slice(9, 12)),
    length: length === undefined ? undefined : Number(length),
    chunked: /\r\ntransfer-encoding: *chunked/i.test(text),
    closes: /\r\nconnection: *close/i.test(text),
  };
}

/** The whole body, or undefined while a part of it is missing. */
function readChunks(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (rest.length < end) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
  }
}
