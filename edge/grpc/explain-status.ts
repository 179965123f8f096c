import { Code } from '@connectrpc/connect';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { GrpcStatus } from './framing/status.ts';
import { problemStatus } from './problem-status.ts';

/** Which of our codes the transport means. It has no other reason for these, and for the rest we have no code. */
const CODES: Partial<Record<Code, ErrorCode>> = {
  [Code.InvalidArgument]: ErrorCode.MALFORMED_PROTOBUF,
  [Code.ResourceExhausted]: ErrorCode.TOO_LARGE,
  [Code.DeadlineExceeded]: ErrorCode.DEADLINE_EXCEEDED,
  [Code.Internal]: ErrorCode.MALFORMED_PROTOBUF,
};

/** Gives a status of the transport's own the detail that names it, as every other refusal has one. */
export function explainStatus(status: GrpcStatus): GrpcStatus {
  const code = CODES[status.code];
  if (code === undefined) return status;
  return { ...problemStatus({ code, detail: status.message }), code: status.code };
}
