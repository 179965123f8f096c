import type { RequestMeter } from '../../metrics/request-meter.ts';
import type { GrpcStatus } from '../framing/status.ts';
import type { CallLimits } from './call-limits.ts';
import type { Deadlines } from './deadlines.ts';
import type { GrpcMethod } from './method.ts';

/** Adds the application's details to a status with which the transport itself ends a call. */
export type Explain = (status: GrpcStatus) => GrpcStatus;

/** State shared by the calls of one method. */
export interface CallContext<Method extends GrpcMethod = GrpcMethod> {
  readonly method: Method;
  readonly deadlines: Deadlines;
  readonly limits: CallLimits;
  readonly explain: Explain;
  /** Statuses are gRPC codes; 0 is OK. */
  readonly meter: RequestMeter;
}
