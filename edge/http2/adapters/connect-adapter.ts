import { Code, ConnectError, type ContextValues } from '@connectrpc/connect';
import type { UniversalHandlerFn, UniversalServerResponse } from '@connectrpc/connect/protocol';
import { Http2ErrorCode } from '../error-code.ts';
import { refuseRequest } from '../refuse-request.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';
import { AsyncStream } from './async-stream.ts';
import { requestUrl } from './request-url.ts';
import { responseBlock, toWebHeaders, trailerBlock } from './web-headers.ts';

const NOTHING = new Uint8Array(0);

/** Serves streams with one of Connect's universal handlers (gRPC, gRPC-Web and Connect). */
export function serveConnect(
  handler: UniversalHandlerFn,
  contextValues: (stream: Http2Stream) => ContextValues,
): (stream: Http2Stream) => StreamHandler {
  return (stream) => {
    const exchange = new AsyncStream(stream, resetError);
    const url = requestUrl(stream.headers);
    if (url === undefined) refuseRequest(stream, 400);
    else void call(handler, url, contextValues(stream), stream, exchange);
    return exchange;
  };
}

async function call(
  handler: UniversalHandlerFn,
  url: string,
  contextValues: ContextValues,
  stream: Http2Stream,
  exchange: AsyncStream,
): Promise<void> {
  try {
    const response = await handler({
      httpVersion: '2.0',
      method: stream.headers.method,
      url,
      header: toWebHeaders(stream.headers),
      body: exchange,
      signal: exchange.signal,
      contextValues,
    });
    await writeResponse(response, stream, exchange);
  } catch (error) {
    if (!exchange.signal.aborted) stream.fail(error);
  }
}

async function writeResponse(
  { status, header, body, trailer }: UniversalServerResponse,
  stream: Http2Stream,
  exchange: AsyncStream,
): Promise<void> {
  const chunks = body?.[Symbol.asyncIterator]();
  try {
    // A handler may set headers until its first message, and trailers until its end.
    for (let chunk = await chunks?.next(); chunk !== undefined && !chunk.done; chunk = await chunks?.next()) {
      stream.respond(responseBlock(status, header));
      if (!(await exchange.write(chunk.value))) return;
    }
    const trailers = trailer === undefined ? NOTHING : trailerBlock(trailer);
    stream.respond(responseBlock(status, header), trailers.length === 0);
    stream.end(trailers.length === 0 ? undefined : trailers);
  } finally {
    await chunks?.return?.();
  }
}

/**
 * The reason with which a handler's signal is aborted
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors).
 */
function resetError(code: Http2ErrorCode): ConnectError {
  return new ConnectError(`The stream was reset with code ${code}`, RESET_STATUS.get(code) ?? Code.Internal);
}

const RESET_STATUS = new Map<Http2ErrorCode, Code>([
  [Http2ErrorCode.CANCEL, Code.Canceled],
  [Http2ErrorCode.REFUSED_STREAM, Code.Unavailable],
  [Http2ErrorCode.ENHANCE_YOUR_CALM, Code.ResourceExhausted],
]);
