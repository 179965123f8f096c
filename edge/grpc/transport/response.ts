import type { ServerResponse } from 'node:http';
import { encodeHeaders, type HeaderPairs } from '../../http2/hpack/encode-headers.ts';
import type { Http2Stream } from '../../http2/stream/http2-stream.ts';
import { ACCEPTED_ENCODINGS } from '../framing/message-encoding.ts';
import { type GrpcStatus, statusTrailers } from '../framing/status.ts';

const TYPE = 'application/grpc+proto';
const HEADERS: HeaderPairs = [
  [':status', '200'],
  ['content-type', TYPE],
];
const HEAD = encodeHeaders(HEADERS);
const OK = encodeHeaders([['grpc-status', '0']]);
const REFUSAL_HEAD = encodeHeaders([...HEADERS, ['grpc-accept-encoding', ACCEPTED_ENCODINGS]]);

/** The header block before the first message. gRPC does not use the date. */
export function responseHead(metadata: HeaderPairs | undefined): Uint8Array {
  return metadata === undefined ? HEAD : Buffer.concat([HEAD, encodeHeaders(metadata)]);
}

/** The header block after the last message of a call that succeeded. */
export function okTrailers(metadata: HeaderPairs | undefined): Uint8Array {
  return metadata === undefined ? OK : Buffer.concat([OK, encodeHeaders(metadata)]);
}

/** The header block after the last message of a call that failed. */
export function failureTrailers(status: GrpcStatus, metadata: HeaderPairs | undefined): Uint8Array {
  return encodeHeaders([...(metadata ?? []), ...Object.entries(statusTrailers(status))]);
}

/** Answers with a status only ("trailers-only"). The stream asks a caller that is still sending to stop. */
export function respondStatus(stream: Pick<Http2Stream, 'respond'>, status: GrpcStatus, metadata?: HeaderPairs): void {
  stream.respond(Buffer.concat([REFUSAL_HEAD, failureTrailers(status, metadata)]), true);
}

/** The same on Node's own response. */
export function writeStatus(res: ServerResponse, status: GrpcStatus): void {
  res.writeHead(200, { 'content-type': TYPE, ...statusTrailers(status) }).end();
}
