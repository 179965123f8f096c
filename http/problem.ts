import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { Quota } from './quota.ts';

/**
 * Why a request was refused: the one error type of the edge and the dashboard. A value, never thrown; `error-table.ts`
 * maps its code to HTTP and gRPC.
 */
export interface Problem {
  readonly code: ErrorCode;
  /** For people: names the field, the value, the limit and the remedy. */
  readonly detail: string;
  /** The fields at fault. `offset` is a byte of the request body. */
  readonly errors?: readonly { readonly field: string; readonly message: string; readonly offset?: number }[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** The caller's quota, for RATE_LIMITED. */
  readonly quota?: Quota;
  /** Further HTTP headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The resource as it is now, for PRECONDITION_FAILED. */
  readonly current?: unknown;
  /** Names the request in the log, if the log has a line about it. */
  readonly requestId?: string;
  /** Methods that the resource accepts, for METHOD_NOT_ALLOWED. */
  readonly allow?: string;
}

/** Tells a problem from what a function returns if there is none. */
export function isProblem(value: object): value is Problem {
  return 'code' in value;
}
