import type { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';

/** Why a request was not taken in. `errors.ts` maps the code to HTTP and gRPC. */
export interface Problem {
  readonly code: ErrorCode;
  /** Names the value, the limit and the remedy. */
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string; readonly offset?: number }[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
}
