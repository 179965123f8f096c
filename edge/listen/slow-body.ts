import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';

/**
 * Ends a request of HTTP/2 whose body has not ended in time; its connection goes on. HTTP/1.1 has a limit of its own for
 * a whole request, and HTTP/2 none.
 */
export function cutSlowBody(req: IncomingMessage, res: ServerResponse, timeoutMs: number): void {
  if (req.httpVersionMajor < 2) return;
  const { stream } = res as unknown as Http2ServerResponse;
  const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs);
  const inTime = () => clearTimeout(late);
  req.once('end', inTime).once('close', inTime);
}
