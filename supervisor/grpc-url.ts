import { once } from 'node:events';
import { connect, constants } from 'node:http2';

const ANSWER_MS = 5000;
/** An empty message: its flag, and its length in four bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/**
 * Where the edge answers gRPC: at the address of its HTTP, or at `grpcPort` of the same host, as on Bun and Deno.
 *
 * @throws {Error} where neither does
 */
export async function findGrpcUrl(edgeUrl: string, grpcPort: number): Promise<string> {
  const other = new URL(edgeUrl);
  other.port = `${grpcPort}`;
  for (const url of [edgeUrl, other.origin]) if (await answersGrpc(url)) return url;
  throw new Error(
    `Neither ${edgeUrl} nor ${other.origin} answers gRPC. GRPC_PORT says where an edge on Bun or Deno does.`,
  );
}

/** Whatever the answer says, it is gRPC: a server of HTTP alone cuts the connection, or answers with a page. */
async function answersGrpc(url: string): Promise<boolean> {
  const session = connect(url);
  // Comes again after the request has failed with it: without a listener it would end the process.
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
    // Nobody listens, or it is no HTTP/2.
    return false;
  } finally {
    session.destroy();
  }
}
