import type { Socket } from 'node:net';
import type { ByteSocket, ByteSocketEvents } from './byte-socket.ts';

/** A socket of `node:net`, for Node, Bun and Deno. The caller must set `noDelay` when it accepts the socket. */
export class NetByteSocket implements ByteSocket {
  readonly remoteAddress: string;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Stored, because a socket forgets its peer when it closes.
    this.remoteAddress = socket.remoteAddress ?? '';
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(chunks: readonly Buffer[]): boolean {
    const socket = this.#socket;
    if (chunks.length === 1) socket.write(chunks[0] ?? EMPTY);
    else {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    }
    // If the kernel accepts everything, the stream is empty at once.
    return socket.writableLength === 0;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  start(events: ByteSocketEvents): void {
    const socket = this.#socket;
    socket.on('drain', () => events.drained());
    socket.on('end', () => events.ended());
    // `close` follows an error. Without a listener, the error would end the process.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => events.closed());
    socket.on('data', (chunk: Buffer) => events.received(chunk));
  }
}

const EMPTY = Buffer.alloc(0);
