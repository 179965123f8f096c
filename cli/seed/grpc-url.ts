import { once } from 'node:events';
import { connect, constants } from 'node:http2';

const ANSWER_MS = 5000;
/** An empty message: a flag and a length of four bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/**
 * Finds where the edge serves gRPC: at its HTTP address, or at `grpcPort` of the same host as on Bun and Deno.
 *
 * @throws {Error} if neither answers
 */
export async function findGrpcUrl(edgeUrl: string, grpcPort: number): Promise<string> {
  const other = new URL(edgeUrl);
  other.port = `${grpcPort}`;
  for (const url of [edgeUrl, other.origin]) if (await answersGrpc(url)) return url;
  throw new Error(
    `Neither ${edgeUrl} nor ${other.origin} serves gRPC. For an edge on Bun or Deno, set GRPC_PORT to its gRPC port.`,
  );
}

/** Any gRPC answer will do: a server without gRPC closes the connection or answers with a page. */
async function answersGrpc(url: string): Promise<boolean> {
  const session = connect(url);
  // Emitted again after the request failed with it; without a listener it would crash the process.
  session.on('error', () => undefined);
  try {
    const request = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    request.on('error', () => undefined);
    request.end(EMPTY_MESSAGE);
    const [headers] = await once(request, 'response', { signal: AbortSignal.timeout(ANSWER_MS) });
    return `${headers[constants.HTTP2_HEADER_CONTENT_TYPE]}`.startsWith('application/grpc');
  } catch {
    // Nothing listens there, or it is not HTTP/2.
    return false;
  } finally {
    session.destroy();
  }
}
