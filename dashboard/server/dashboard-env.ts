import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Caller } from './access/token-verifier.ts';

/** What Hono passes to each handler. */
export interface DashboardEnv {
  /** The request and response of Node. */
  Bindings: HttpBindings;
  Variables: {
    /** The client's address: the peer, or what trusted proxies report. */
    client: string;
    /** Redis's clock, which decides whether a contest is open: milliseconds since 1970. */
    now: () => number;
    /** Who sent the request, behind `requireAdmin` and, if there was a token, `requireReader`. */
    caller: Caller;
    /** When the cookie that allowed the request expires, in milliseconds since 1970; absent if something else did. */
    readableUntil: number;
    /** The request has a cookie that allows nothing any more. */
    sessionEnded: boolean;
  };
}

export type DashboardContext = Context<DashboardEnv>;

/** The peer's address as the socket reports it. */
export function peerOf(c: DashboardContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}

export function clientOf(c: DashboardContext): string {
  return c.get('client') ?? peerOf(c);
}
