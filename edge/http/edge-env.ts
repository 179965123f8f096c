import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import type { SecureHeadersVariables } from 'hono/secure-headers';

/** What a runtime passes along with a Request. */
export interface EdgeBindings {
  /** The address of the peer. A function: it is not free and seldom needed. */
  readonly address?: () => string;
  /** From @hono/node-server instead: Node's own request. */
  readonly incoming?: Pick<IncomingMessage, 'headers' | 'socket'>;
}

export interface EdgeEnv {
  Bindings: EdgeBindings;
  Variables: SecureHeadersVariables;
}

export type EdgeApp = Hono<EdgeEnv>;
export type EdgeContext = Context<EdgeEnv>;
