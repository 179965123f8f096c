import type { CallLimits } from './call-limits.ts';
import type { Deadlines } from './deadlines.ts';
import type { GrpcMethod } from './method.ts';

/** What calls of one method have in common. */
export interface CallSetting<Method extends GrpcMethod = GrpcMethod> {
  readonly method: Method;
  readonly deadlines: Deadlines;
  readonly limits: CallLimits;
}
