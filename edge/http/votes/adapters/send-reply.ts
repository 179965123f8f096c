import type { ServerResponse } from 'node:http';
import type { Reply } from '../../../../http/reply.ts';

/** Writes a reply on Node's own response. Does nothing if the client has left or was answered. */
export function sendReply(res: ServerResponse, { status, type, body, headers }: Reply): void {
  if (res.destroyed || res.headersSent) return;
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  res.end(body);
}
