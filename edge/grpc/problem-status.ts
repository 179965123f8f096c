import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { ConnectError } from '@connectrpc/connect';
import { errorReason, errorRow } from '../../http/error-table.ts';
import type { Problem } from '../../http/problem.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from '../../proto/gen/google/rpc/error_details_pb.ts';
import type { GrpcStatus } from './framing/status.ts';

/** The `domain` of every ErrorInfo. */
const ERROR_DOMAIN = 'votewire.v1';

interface Detail<Desc extends DescMessage = DescMessage> {
  readonly desc: Desc;
  readonly value: MessageInitShape<Desc>;
}

/** The gRPC status of a problem. */
export function problemStatus(problem: Problem): GrpcStatus {
  return {
    code: errorRow(problem.code).grpc,
    message: problem.detail,
    details: problemDetails(problem).map(({ desc, value }) => anyPack(desc, create(desc, value))),
  };
}

/** Converts a problem to an error that Connect's router writes in the caller's protocol. */
export function problemError(problem: Problem): ConnectError {
  return new ConnectError(problem.detail, errorRow(problem.code).grpc, undefined, problemDetails(problem));
}

/**
 * ErrorInfo always; BadRequest if the problem names fields; RetryInfo if a retry makes sense; RequestInfo if the log
 * names it.
 */
export function problemDetails(problem: Problem): Detail[] {
  const details: Detail[] = [
    { desc: ErrorInfoSchema, value: { reason: errorReason(problem.code), domain: ERROR_DOMAIN } },
  ];
  if (problem.errors !== undefined && problem.errors.length > 0) {
    const fieldViolations = problem.errors.map(({ field, message }) => ({ field, description: message }));
    details.push({ desc: BadRequestSchema, value: { fieldViolations } });
  }
  if (problem.retryAfter !== undefined) {
    details.push({ desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(problem.retryAfter) } } });
  }
  if (problem.requestId !== undefined) {
    details.push({ desc: RequestInfoSchema, value: { requestId: problem.requestId } });
  }
  return details;
}
