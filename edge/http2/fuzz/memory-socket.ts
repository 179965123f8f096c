import type { ByteSocket, ByteSocketEvents } from '../byte-socket.ts';

/** The server's end of a connection in memory. */
export class MemorySocket implements ByteSocket {
  readonly remoteAddress = 'memory';
  readonly unsentBytes = 0;
  /** Whether the server has closed its side. */
  ended = false;
  events: ByteSocketEvents | undefined;
  readonly #receive: (chunk: Buffer) => void;

  constructor(receive: (chunk: Buffer) => void) {
    this.#receive = receive;
  }

  write(chunks: readonly Buffer[]): boolean {
    for (const chunk of chunks) this.#receive(Buffer.from(chunk));
    return true;
  }

  pause(): void {
    throw new Error('A socket without unsent bytes is paused');
  }

  resume(): void {
    // It never pauses.
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.ended = true;
  }

  start(events: ByteSocketEvents): void {
    this.events = events;
  }
}
