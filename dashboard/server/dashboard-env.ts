import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** What Hono passes to each handler: the request and response of Node. */
export interface DashboardEnv {
  Bindings: HttpBindings;
}

export type DashboardContext = Context<DashboardEnv>;

/** The peer's address as the socket reports it: headers can be forged. */
export function peerOf(c: DashboardContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}
