import { Code } from '@connectrpc/connect';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { GrpcStatus } from './framing/status.ts';
import { problemStatus } from './problem-status.ts';

/** The ErrorCode of each status that the transport itself produces; other statuses have none. */
const CODES: Partial<Record<Code, ErrorCode>> = {
  [Code.InvalidArgument]: ErrorCode.MALFORMED_PROTOBUF,
  [Code.ResourceExhausted]: ErrorCode.TOO_LARGE,
  [Code.DeadlineExceeded]: ErrorCode.DEADLINE_EXCEEDED,
  [Code.Internal]: ErrorCode.MALFORMED_PROTOBUF,
};

/** Adds an ErrorInfo, which every other problem has, to a status of the transport itself. */
export function explainStatus(status: GrpcStatus): GrpcStatus {
  const code = CODES[status.code];
  if (code === undefined) return status;
  return { ...problemStatus({ code, detail: status.message }), code: status.code };
}
