import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { explainStatus } from '../explain-status.ts';
import { FrameReader } from '../framing/frame-reader.ts';
import { gunzip, type MessageEncoding } from '../framing/message-encoding.ts';
import type { GrpcStatus } from '../framing/status.ts';
import { problemError } from '../problem-status.ts';

type Bytes = AsyncIterable<Uint8Array>;

/**
 * The whole body as one message, as in unary calls of the Connect protocol.
 *
 * @param announced the Content-Length, so that a body that is too large is rejected before it has arrived
 */
export async function* oneMessage(
  body: Bytes,
  encoding: MessageEncoding,
  maxBytes: number,
  announced: string | null,
): AsyncGenerator<Uint8Array> {
  if (Number(announced) > maxBytes) throw tooLarge(maxBytes, `${announced}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes, 'more');
    // Copied, because the router's adapters may reuse the memory.
    chunks.push(Uint8Array.from(chunk));
  }
  const bytes = Buffer.concat(chunks, length);
  const message = encoding === 'gzip' ? gunzip(bytes, maxBytes) : bytes;
  if (message === 'too-large') throw tooLarge(maxBytes, 'more when decompressed');
  if (message === 'malformed') {
    throw problemError({ code: ErrorCode.MALFORMED_PROTOBUF, detail: 'Malformed gzip in the message' });
  }
  yield message;
}

function tooLarge(maxBytes: number, got: string): ConnectError {
  return problemError({
    code: ErrorCode.TOO_LARGE,
    detail: `A message must have at most ${maxBytes} bytes; got ${got}`,
  });
}

/** The length-prefixed messages of a body, as in all other protocols. */
export async function* framedMessages(
  body: Bytes,
  encoding: MessageEncoding,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let messages: Buffer[] = [];
  let failure: GrpcStatus | undefined;
  const reader = new FrameReader(
    {
      message: (message) => messages.push(message) > 0,
      badMessage: (status) => {
        failure = status;
      },
    },
    maxBytes,
    encoding,
  );
  for await (const chunk of body) {
    reader.push(Buffer.from(chunk));
    yield* messages;
    messages = [];
    if (failure !== undefined) throw statusError(failure);
  }
  if (reader.partial)
    throw statusError({ code: Code.InvalidArgument, message: 'The request ends in the middle of a message' });
}

/** Converts a framing error to the status with which the gRPC transport answers it. */
function statusError(status: GrpcStatus): ConnectError {
  const { code, message, details = [] } = explainStatus(status);
  const error = new ConnectError(message, code);
  for (const { typeUrl, value } of details) {
    error.details.push({ type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value });
  }
  return error;
}
