import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';

/**
 * Ends an HTTP/2 request whose body is not complete in time; its connection stays open. Node's HTTP/1.1 server has its
 * own limit for a whole request, but its HTTP/2 server has none.
 */
export function cutSlowBody(req: IncomingMessage, res: ServerResponse, timeoutMs: number): void {
  if (req.httpVersionMajor < 2) return;
  const { stream } = res as unknown as Http2ServerResponse;
  const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs);
  const inTime = () => clearTimeout(late);
  req.once('end', inTime).once('close', inTime);
}
