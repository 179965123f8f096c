import { Code } from '@connectrpc/connect';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';

/** How one ErrorCode appears in each protocol. */
interface ErrorRow {
  readonly http: number;
  readonly grpc: Code;
  readonly title: string;
}

const row = (http: number, grpc: Code, title: string): ErrorRow => ({ http, grpc, title });

/**
 * The closed set of error codes: HTTP status, gRPC status and title of each. Input that cannot be parsed gets 400;
 * input that can be parsed but breaks a rule gets 422; gRPC answers INVALID_ARGUMENT for both. 503 and UNAVAILABLE mean
 * that the service is at its limit or its store is unavailable, and a retry is harmless; 429 and RESOURCE_EXHAUSTED
 * mean that the caller's quota is used up. The one exception is RESOURCE_EXHAUSTED for 413: gRPC servers answer an
 * oversized message with it.
 */
const table: Readonly<Record<number, ErrorRow>> = {
  [ErrorCode.EMPTY_BODY]: row(400, Code.InvalidArgument, 'Empty body'),
  [ErrorCode.MALFORMED_JSON]: row(400, Code.InvalidArgument, 'Malformed JSON'),
  [ErrorCode.INVALID_UTF8]: row(400, Code.InvalidArgument, 'Invalid UTF-8'),
  [ErrorCode.DUPLICATE_KEY]: row(400, Code.InvalidArgument, 'Duplicate key'),
  [ErrorCode.NESTED_TOO_DEEP]: row(400, Code.InvalidArgument, 'Nested too deep'),
  [ErrorCode.MALFORMED_PROTOBUF]: row(400, Code.InvalidArgument, 'Malformed protobuf'),
  [ErrorCode.TOO_LARGE]: row(413, Code.ResourceExhausted, 'Too large'),
  [ErrorCode.TOO_MANY_VOTES]: row(413, Code.ResourceExhausted, 'Too many votes'),
  [ErrorCode.UNSUPPORTED_MEDIA_TYPE]: row(415, Code.InvalidArgument, 'Unsupported media type'),

  [ErrorCode.UNKNOWN_FIELD]: row(422, Code.InvalidArgument, 'Unknown field'),
  [ErrorCode.MISSING_FIELD]: row(422, Code.InvalidArgument, 'Missing field'),
  [ErrorCode.WRONG_TYPE]: row(422, Code.InvalidArgument, 'Wrong type'),
  [ErrorCode.TOO_LONG]: row(422, Code.InvalidArgument, 'Too long'),
  [ErrorCode.INVALID_CHARACTER]: row(422, Code.InvalidArgument, 'Invalid character'),
  [ErrorCode.OUT_OF_RANGE]: row(422, Code.InvalidArgument, 'Out of range'),
  [ErrorCode.TOO_MANY_ATTRIBUTES]: row(422, Code.InvalidArgument, 'Too many attributes'),
  [ErrorCode.UNKNOWN_CHOICE]: row(422, Code.InvalidArgument, 'Unknown choice'),
  [ErrorCode.INVALID_ARGUMENT]: row(422, Code.InvalidArgument, 'Invalid argument'),

  [ErrorCode.UNKNOWN_CONTEST]: row(404, Code.NotFound, 'Unknown contest'),
  [ErrorCode.CONTEST_NOT_OPEN]: row(409, Code.FailedPrecondition, 'Contest not open yet'),
  [ErrorCode.CONTEST_CLOSED]: row(409, Code.FailedPrecondition, 'Contest closed'),
  [ErrorCode.CONTEST_PAUSED]: row(409, Code.FailedPrecondition, 'Contest paused'),
  [ErrorCode.UNKNOWN_RECEIPT]: row(404, Code.NotFound, 'Unknown receipt'),
  [ErrorCode.RESULTS_HIDDEN]: row(403, Code.PermissionDenied, 'Results hidden'),
  [ErrorCode.NOT_FOUND]: row(404, Code.NotFound, 'Not found'),
  [ErrorCode.METHOD_NOT_ALLOWED]: row(405, Code.Unimplemented, 'Method not allowed'),
  [ErrorCode.CONFLICT]: row(409, Code.AlreadyExists, 'Conflict'),
  [ErrorCode.PRECONDITION_FAILED]: row(412, Code.FailedPrecondition, 'Changed meanwhile'),

  [ErrorCode.UNAUTHENTICATED]: row(401, Code.Unauthenticated, 'Not authenticated'),
  [ErrorCode.FORBIDDEN]: row(403, Code.PermissionDenied, 'Forbidden'),
  [ErrorCode.RATE_LIMITED]: row(429, Code.ResourceExhausted, 'Rate limited'),

  [ErrorCode.STORE_UNAVAILABLE]: row(503, Code.Unavailable, 'Store unavailable'),
  [ErrorCode.OVERLOADED]: row(503, Code.Unavailable, 'Overloaded'),
  [ErrorCode.SHUTTING_DOWN]: row(503, Code.Unavailable, 'Shutting down'),
  [ErrorCode.DEADLINE_EXCEEDED]: row(504, Code.DeadlineExceeded, 'Deadline exceeded'),
  [ErrorCode.INTERNAL]: row(500, Code.Internal, 'Internal error'),
};

const internal = row(500, Code.Internal, 'Internal error');
const names = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

/** The row of a code; the row of INTERNAL if the code is unknown. */
export function errorRow(code: ErrorCode): ErrorRow {
  return table[code] ?? internal;
}

/** The stable name in an HTTP problem, such as `malformed_json`. */
export function problemCode(code: ErrorCode): string {
  return (names.get(code) ?? 'INTERNAL').toLowerCase();
}

/** The `reason` of a gRPC ErrorInfo: the enum's full name, such as `ERROR_CODE_MALFORMED_JSON`. */
export function errorReason(code: ErrorCode): string {
  return `ERROR_CODE_${names.get(code) ?? 'INTERNAL'}`;
}
