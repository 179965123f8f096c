import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import type { SecureHeadersVariables } from 'hono/secure-headers';

/** Values that a runtime passes along with a Request. */
export interface EdgeBindings {
  /** The address of the peer; a function, because reading it costs time and is rarely needed. */
  readonly address?: () => string;
  /** Set by @hono/node-server instead: Node's request. */
  readonly incoming?: Pick<IncomingMessage, 'headers' | 'socket'>;
}

export interface EdgeEnv {
  Bindings: EdgeBindings;
  Variables: SecureHeadersVariables;
}

export type EdgeApp = Hono<EdgeEnv>;
export type EdgeContext = Context<EdgeEnv>;
