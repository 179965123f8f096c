import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const USABLE = /^[\w.:+/=-]{1,128}$/;
const TRACE_ID = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

/**
 * The id that links a request's answer to its log line: X-Request-Id if it is valid, else the trace id of a
 * traceparent, else a new UUID.
 *
 * @param header returns a request header by its lowercase name
 */
export function requestId(header: (name: string) => string | undefined): string {
  const id = header('x-request-id');
  if (id !== undefined && USABLE.test(id)) return id;
  return TRACE_ID.exec(header('traceparent') ?? '')?.[1] ?? randomUUID();
}

/** The same for a request of Node's own servers. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return requestId((name) => headers[name] as string | undefined);
}
