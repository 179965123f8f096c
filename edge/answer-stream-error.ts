import { problemReply } from '../http/problem-reply.ts';
import { problemStatus } from './grpc/problem-status.ts';
import { isGrpc } from './grpc/transport/grpc-transport.ts';
import { respondStatus } from './grpc/transport/response.ts';
import { http2ReplyHead } from './http/votes/adapters/http2-reply-head.ts';
import { Http2ErrorCode } from './http2/error-code.ts';
import type { HostedStream } from './http2/stream/stream-host.ts';
import { logRequestError } from './log-request-error.ts';

/**
 * Answers an HTTP/2 request whose handler threw, or resets its stream if the answer has begun. The log and the answer
 * contain the request id.
 */
export function answerStreamError(error: unknown, stream: HostedStream | undefined): void {
  const problem = logRequestError(error, { header: (name) => stream?.headers.get(name) });
  if (stream === undefined) return;
  if (stream.headersSent) stream.reset(Http2ErrorCode.INTERNAL_ERROR);
  else if (isGrpc(stream.headers.get('content-type'))) respondStatus(stream, problemStatus(problem));
  else {
    const reply = problemReply(problem);
    const body = Buffer.from(reply.body);
    stream.answer(http2ReplyHead(reply, body.length), body);
  }
}
