import { Code } from '@connectrpc/connect';
import { quoteForMessage } from '../../../http/quote.ts';
import type { RequestHeaders } from '../../http2/headers/request-headers.ts';
import { ACCEPTED_ENCODINGS, type MessageEncoding, messageEncoding } from '../framing/message-encoding.ts';
import { parseTimeout } from '../framing/parse-timeout.ts';
import type { GrpcStatus } from '../framing/status.ts';

/** The properties of a call that its request headers determine. */
interface CallStart {
  readonly encoding: MessageEncoding;
  /** Milliseconds from now; Infinity if the caller set none. */
  readonly timeoutMs: number;
  readonly failure?: GrpcStatus;
}

const PLAIN: CallStart = { encoding: 'identity', timeoutMs: Number.POSITIVE_INFINITY };

export function readCallStart(headers: RequestHeaders): CallStart {
  const encodingHeader = headers.get('grpc-encoding');
  const timeoutHeader = headers.get('grpc-timeout');
  if (encodingHeader === undefined && timeoutHeader === undefined) return PLAIN;
  const encoding = messageEncoding(encodingHeader);
  if (encoding === undefined) {
    return failed(
      Code.Unimplemented,
      `grpc-encoding must be one of ${ACCEPTED_ENCODINGS}; got ${quoteForMessage(encodingHeader)}`,
    );
  }
  if (timeoutHeader === undefined) return { encoding, timeoutMs: Number.POSITIVE_INFINITY };
  const timeoutMs = parseTimeout(timeoutHeader);
  if (timeoutMs === undefined) {
    return failed(
      Code.InvalidArgument,
      `grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n; got ${quoteForMessage(timeoutHeader)}`,
    );
  }
  if (timeoutMs === 0)
    return failed(Code.DeadlineExceeded, 'Deadline exceeded before the call began; nothing was stored');
  return { encoding, timeoutMs };
}

function failed(code: Code, message: string): CallStart {
  return { ...PLAIN, failure: { code, message } };
}
