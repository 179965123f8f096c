import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { Quota } from './quota.ts';

/**
 * The reason for rejecting a request: the only error type of the edge and the dashboard. It is returned, never thrown;
 * `error-table.ts` maps its code to HTTP and gRPC.
 */
export interface Problem {
  readonly code: ErrorCode;
  /** Human-readable: names the field, the value, the limit and the remedy. */
  readonly detail: string;
  /** The invalid fields. `offset` is a byte position in the request body. */
  readonly errors?: readonly { readonly field: string; readonly message: string; readonly offset?: number }[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** The caller's quota, for RATE_LIMITED. */
  readonly quota?: Quota;
  /** Further HTTP headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The current resource, for PRECONDITION_FAILED. */
  readonly current?: unknown;
  /** The id of the request in the log, if the log has a line about it. */
  readonly requestId?: string;
  /** Methods that the resource accepts, for METHOD_NOT_ALLOWED. */
  readonly allow?: string;
}

/** Distinguishes a problem from a function's regular result. */
export function isProblem(value: object): value is Problem {
  return 'code' in value;
}
