import type { Socket } from 'node:net';
import { type Channel, type OnReply, type Reply, unsure } from './channel.ts';
import type { RequestPool } from './pool.ts';
import { readHttpReply } from './replies.ts';
import { connectSocket, type Target } from './target.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/**
 * One keep-alive connection of HTTP/1.1 with one request in flight, on a plain socket. After the server closed it, it
 * connects again with the next request.
 */
export class Http1Channel implements Channel {
  readonly capacity = 1;
  bytesIn = 0;
  bytesOut = 0;
  readonly #target: Target;
  readonly #pool: RequestPool;
  readonly #onReply: OnReply;
  readonly #heads = new Map<number, Buffer>();
  #socket: Socket | undefined;
  #token: number | undefined;
  #input: Buffer = Buffer.alloc(0);
  #closed = false;

  private constructor(target: Target, pool: RequestPool, onReply: OnReply) {
    this.#target = target;
    this.#pool = pool;
    this.#onReply = onReply;
  }

  static async open(target: Target, pool: RequestPool, onReply: OnReply): Promise<Http1Channel> {
    const channel = new Http1Channel(target, pool, onReply);
    await channel.#connect();
    return channel;
  }

  send(index: number, token: number) {
    this.#token = token;
    const body = this.#pool.bodies[index] ?? Buffer.alloc(0);
    const request = Buffer.concat([this.#head(body.length), body]);
    if (this.#socket !== undefined) {
      this.#write(request);
      return;
    }
    this.#connect().then(
      () => this.#write(request),
      (error: Error) => this.#finish(unsure(this.#pool.votesPerRequest, error.message)),
    );
  }

  close() {
    this.#closed = true;
    this.#socket?.destroy();
  }

  async #connect() {
    const socket = await connectSocket(this.#target, ['http/1.1']);
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#input = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#finish(unsure(this.#pool.votesPerRequest, 'connection closed'));
    });
  }

  #write(request: Buffer) {
    this.bytesOut += request.length;
    this.#socket?.write(request);
  }

  #head(length: number): Buffer {
    let head = this.#heads.get(length);
    if (head === undefined) {
      const type = this.#pool.batch ? 'application/x-ndjson' : 'application/json';
      const { host, port } = this.#target;
      head = Buffer.from(
        `POST /v1/votes HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`,
      );
      this.#heads.set(length, head);
    }
    return head;
  }

  #read(chunk: Buffer) {
    this.bytesIn += chunk.length;
    this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, chunk]) : chunk;
    const headEnd = this.#input.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#input.toString('latin1', 0, headEnd);
    const body = readBody(head, this.#input.subarray(headEnd + 4));
    if (body === undefined) return;
    this.#input = Buffer.alloc(0);
    if (/\r\nconnection: *close/i.test(head)) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    const status = Number(head.slice(9, 12));
    this.#finish(readHttpReply(status, body, this.#pool.votesPerRequest, this.#pool.batch));
  }

  #finish(reply: Reply) {
    const token = this.#token;
    if (token === undefined) return;
    this.#token = undefined;
    this.#onReply(token, reply);
  }
}

/** The whole body, or undefined while a part of it is missing. */
function readBody(head: string, rest: Buffer): Buffer | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return Buffer.alloc(0);
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
