import { randomUUID } from 'node:crypto';

const USABLE = /^[\w.:+/=-]{1,128}$/;
const TRACE_ID = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

/**
 * Names a request in its answer and in the log, so that whoever reports an answer finds the line: X-Request-Id if it is
 * usable, else the trace id of a traceparent, else a new UUID.
 *
 * @param header the request's headers, by name in lower case
 */
export function requestId(header: (name: string) => string | undefined): string {
  const id = header('x-request-id');
  if (id !== undefined && USABLE.test(id)) return id;
  return TRACE_ID.exec(header('traceparent') ?? '')?.[1] ?? randomUUID();
}
