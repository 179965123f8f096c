import type { RequestMeter } from '../../metrics/request-meter.ts';
import type { GrpcStatus } from '../framing/status.ts';
import type { CallLimits } from './call-limits.ts';
import type { Deadlines } from './deadlines.ts';
import type { GrpcMethod } from './method.ts';

/** Adds the application's details to a status that the transport itself ends a call with. */
export type Explain = (status: GrpcStatus) => GrpcStatus;

/** What calls of one method share. */
export interface CallContext<Method extends GrpcMethod = GrpcMethod> {
  readonly method: Method;
  readonly deadlines: Deadlines;
  readonly limits: CallLimits;
  readonly explain: Explain;
  /** By gRPC code; 0 is OK. */
  readonly meter: RequestMeter;
}
