import type { IncomingHttpHeaders } from 'node:http2';
import { Code } from '@connectrpc/connect';
import { ACCEPTED_ENCODINGS, type MessageEncoding, messageEncoding } from '../framing/message-encoding.ts';
import { parseTimeout } from '../framing/parse-timeout.ts';
import type { GrpcStatus } from '../framing/status.ts';

/** What the headers of a request say about its call. */
export interface CallStart {
  readonly encoding: MessageEncoding;
  /** Milliseconds from now; Infinity where the caller set none. */
  readonly timeoutMs: number;
  readonly failure?: GrpcStatus;
}

const PLAIN: CallStart = { encoding: 'identity', timeoutMs: Number.POSITIVE_INFINITY };

export function readCallStart(headers: IncomingHttpHeaders): CallStart {
  const encodingHeader = headers['grpc-encoding'] as string | undefined;
  const timeoutHeader = headers['grpc-timeout'] as string | undefined;
  if (encodingHeader === undefined && timeoutHeader === undefined) return PLAIN;
  const encoding = messageEncoding(encodingHeader);
  if (encoding === undefined) {
    return failed(
      Code.Unimplemented,
      `grpc-encoding ${encodingHeader} is not supported: use one of ${ACCEPTED_ENCODINGS}`,
    );
  }
  if (timeoutHeader === undefined) return { encoding, timeoutMs: Number.POSITIVE_INFINITY };
  const timeoutMs = parseTimeout(timeoutHeader);
  if (timeoutMs === undefined) {
    return failed(
      Code.InvalidArgument,
      `grpc-timeout ${timeoutHeader} is not 1 to 8 digits and one of H, M, S, m, u, n`,
    );
  }
  return { encoding, timeoutMs };
}

function failed(code: Code, message: string): CallStart {
  return { ...PLAIN, failure: { code, message } };
}
