import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { errorRow } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { problemDetails } from './problem-status.ts';

/**
 * Gives errors that Connect raises before a handler runs the same code and ErrorInfo as on every other transport.
 * Connect answers malformed protobuf with INTERNAL, which would alert the operator to a client's mistake.
 *
 * A request gate is the only hook that runs before a call's message is parsed. If parsing fails, Connect aborts the
 * call's signal with the error before it writes the error, so this hook can still correct it.
 */
export function mapParseErrors(context: HandlerContext): void {
  context.signal.addEventListener('abort', () => {
    const error: unknown = context.signal.reason;
    if (!(error instanceof ConnectError) || error.details.length > 0) return;
    const problem = parseProblem(error);
    if (problem === undefined) return;
    Object.assign(error, { code: errorRow(problem.code).grpc, rawMessage: problem.detail, message: problem.detail });
    error.details.push(...problemDetails(problem));
  });
}

/** Maps an error of the libraries, whose messages are meant for their own developers. */
function parseProblem({ code, rawMessage, cause }: ConnectError): Problem | undefined {
  if (code === Code.Internal && rawMessage.startsWith('parse binary: ')) {
    // The wording of the runtime's TextDecoder.
    return /utf-?8/i.test(rawMessage)
      ? { code: ErrorCode.INVALID_UTF8, detail: 'Invalid UTF-8 in the message' }
      : { code: ErrorCode.MALFORMED_PROTOBUF, detail: 'Malformed protobuf in the message' };
  }
  if (code === Code.ResourceExhausted) return { code: ErrorCode.TOO_LARGE, detail: rawMessage };
  if (code !== Code.InvalidArgument || cause === undefined) return undefined;
  if (/decompress|gzip|gunzip|header check|zlib/i.test(`${rawMessage} ${cause}`)) {
    return { code: ErrorCode.MALFORMED_PROTOBUF, detail: 'Malformed gzip in the message' };
  }
  return { code: ErrorCode.MALFORMED_JSON, detail: 'Malformed JSON, or JSON that does not match the message type' };
}
