import type { Socket } from 'node:net';

/** Serves connections of one protocol that a listener gives it. */
export interface ConnectionServer {
  /** `head`: what was read from the socket before, from its first byte. */
  accept(socket: Socket, head: Buffer): void;
  /** Ends every connection once what is under way on it is answered, and after `graceMs` at once. */
  close(graceMs: number): Promise<void>;
}
