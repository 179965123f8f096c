import type { Socket } from 'node:net';

/** Serves connections of one protocol that a listener passes to it. */
export interface ConnectionServer {
  /** Serves a connection. `head`: bytes already read from the socket. */
  accept(socket: Socket, head: Buffer): void;
  /** Ends every connection once its requests in flight are answered, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}
