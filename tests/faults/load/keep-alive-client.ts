import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './attempt.ts';

/** Sends votes one after the other over one connection, and opens a new one only if the server has closed it. */
export interface SteadyClient {
  /**
   * Sends the vote and records the answer in it. If the connection ends without an answer, the outcome is `unknown`.
   */
  submit(attempt: Attempt): Promise<void>;
  close(): void;
}

const CONNECT_MS = 10_000;

/** HTTP/1.1 with keep-alive. A new connection goes to the first edge that accepts it, as behind a load balancer. */
export class KeepAliveClient implements SteadyClient {
  readonly #urls: readonly URL[];
  #next: number;
  #socket: Socket | undefined;

  constructor(urls: readonly string[], first: number) {
    this.#urls = urls.map((url) => new URL(url));
    this.#next = first;
  }

  async submit(attempt: Attempt): Promise<void> {
    const socket = await this.#connected();
    const body = bodyOf(attempt);
    const head = `POST /v1/votes HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    socket.write(head + body);
    const answer = await readAnswer(socket);
    if (answer === undefined) {
      attempt.outcome = 'unknown';
      attempt.detail = 'the connection ended without an answer';
      return;
    }
    settle(attempt, Number(answer.slice(9, 12)), answer);
    if (/\r\nconnection: close\r\n/i.test(answer)) socket.destroy();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket?.readable && this.#socket.writable) return this.#socket;
    this.#socket?.destroy();
    for (const end = performance.now() + CONNECT_MS; performance.now() < end; ) {
      const { hostname, port } = this.#urls[this.#next++ % this.#urls.length] ?? {};
      const socket = connect({ host: hostname ?? '', port: Number(port), noDelay: true });
      socket.on('error', () => socket.destroy());
      const isConnected = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      if (isConnected) {
        this.#socket = socket;
        return socket;
      }
      await delay(20);
    }
    throw new Error(`No edge accepted a connection within ${CONNECT_MS} ms`);
  }

  close(): void {
    this.#socket?.destroy();
  }
}

export function bodyOf({ contest, choice, voter, voteId, id }: Attempt): string {
  return JSON.stringify({ contest, choice, voter, vote_id: voteId, attributes: { attempt: id } });
}

export function settle(attempt: Attempt, status: number, text: string): void {
  attempt.outcome = status === 202 ? 'ok' : status >= 500 ? 'unknown' : 'failed';
  if (attempt.outcome !== 'ok') attempt.detail = text;
}

/** Reads a whole answer; undefined if the connection ends before. */
function readAnswer(socket: Socket): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let text = '';
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1] ?? 0);
    if (head !== -1 && text.length >= head + 4 + length) resolve(text);
  };
  const onClose = () => resolve(undefined);
  socket.on('data', onData).on('close', onClose).on('end', onClose);
  return promise.finally(() => socket.off('data', onData).off('close', onClose).off('end', onClose));
}
