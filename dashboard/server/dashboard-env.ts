import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Caller } from './access/token-verifier.ts';

/** What Hono passes to each handler. */
export interface DashboardEnv {
  /** Node's request and response. */
  Bindings: HttpBindings;
  Variables: {
    /** The client's address: the peer's, or the one that trusted proxies report. */
    client: string;
    /** Redis's clock, which decides whether a contest is open: milliseconds since 1970. */
    now: () => number;
    /** The sender of the request. Set by `requireAdmin` and, if there was a token, by `requireReader`. */
    caller: Caller;
    /** When the cookie that allowed the request expires, in milliseconds since 1970; absent if something else did. */
    readableUntil: number;
    /** The request has a cookie that allows nothing any more. */
    sessionEnded: boolean;
  };
}

export type DashboardContext = Context<DashboardEnv>;

/** The socket's peer address. */
export function peerOf(c: DashboardContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}

export function clientOf(c: DashboardContext): string {
  return c.get('client') ?? peerOf(c);
}
