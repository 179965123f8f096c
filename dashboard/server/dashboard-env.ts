import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** What Hono hands each handler here: Node's own request and response. */
export interface DashboardEnv {
  Bindings: HttpBindings;
}

export type DashboardContext = Context<DashboardEnv>;

/** The peer's address as the socket has it; what a header says of it can be forged. */
export function peerOf(c: DashboardContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}
