import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { ACCEPTED_ENCODINGS } from '../framing/message-encoding.ts';
import { type GrpcStatus, statusTrailers } from '../framing/status.ts';

/** Headers of every answer. gRPC does not use the date. */
export const RESPONSE_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };
export const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };
export const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
const HEADERS_ALONE = { endStream: true, sendDate: false };

/** Whether the stream can still be written to: after a reset `respond` and `sendTrailers` throw. */
export function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed;
}

/** Answers with a status only ("trailers-only"), and asks a caller that is still sending to stop. */
export function respondStatus(stream: ServerHttp2Stream, status: GrpcStatus, metadata?: OutgoingHttpHeaders): void {
  if (!isOpen(stream)) return;
  stream.respond(
    { ...RESPONSE_HEADERS, 'grpc-accept-encoding': ACCEPTED_ENCODINGS, ...metadata, ...statusTrailers(status) },
    HEADERS_ALONE,
  );
  endRequest(stream);
}

/** Closes the caller's side of a stream that was answered before the request was complete (RFC 9113, 8.1). */
export function endRequest(stream: ServerHttp2Stream): void {
  if (stream.readableEnded || !isOpen(stream)) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}
