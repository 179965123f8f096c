import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { errorRow } from '../../http/error-table.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { problemDetails } from './problem-status.ts';

/**
 * Gives errors that Connect raises before a handler runs the code and ErrorInfo that every other transport answers with.
 * Connect answers malformed protobuf with INTERNAL, which would alert the operator for a client's mistake.
 *
 * A request gate is the only hook that sees a call before its message is parsed. If parsing fails, Connect aborts the
 * call's signal with the error before it writes the error, so it can still be corrected here.
 */
export function mapParseErrors(context: HandlerContext): void {
  context.signal.addEventListener('abort', () => {
    const error: unknown = context.signal.reason;
    if (!(error instanceof ConnectError) || error.details.length > 0) return;
    const code = parseErrorCode(error);
    if (code === undefined) return;
    Object.assign(error, { code: errorRow(code).grpc });
    error.details.push(...problemDetails({ code, detail: error.rawMessage }));
  });
}

function parseErrorCode(error: ConnectError): ErrorCode | undefined {
  if (error.code === Code.Internal && error.rawMessage.startsWith('parse binary: ')) {
    // The wording of the runtime's TextDecoder.
    return /utf-?8/i.test(error.rawMessage) ? ErrorCode.INVALID_UTF8 : ErrorCode.MALFORMED_PROTOBUF;
  }
  if (error.code === Code.ResourceExhausted) return ErrorCode.TOO_LARGE;
  if (error.code === Code.InvalidArgument && error.cause !== undefined) return ErrorCode.MALFORMED_JSON;
  return undefined;
}
