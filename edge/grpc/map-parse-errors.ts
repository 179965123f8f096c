import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { errorRow } from '../../http/error-table.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { problemDetails } from './problem-status.ts';

/**
 * Gives errors that Connect raises before our code runs the code that every other path answers with, and the detail
 * that names it. Connect answers protobuf that can't be read with INTERNAL, which would page us for a client's fault.
 *
 * A request gate is the one place of ours that sees a call before its message is parsed. When parsing fails, Connect
 * aborts the call's signal with the error first and writes the error down after, so it is still ours to correct here.
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
    // The words of the runtime's TextDecoder.
    return /utf-?8/i.test(error.rawMessage) ? ErrorCode.INVALID_UTF8 : ErrorCode.MALFORMED_PROTOBUF;
  }
  if (error.code === Code.ResourceExhausted) return ErrorCode.TOO_LARGE;
  if (error.code === Code.InvalidArgument && error.cause !== undefined) return ErrorCode.MALFORMED_JSON;
  return undefined;
}
