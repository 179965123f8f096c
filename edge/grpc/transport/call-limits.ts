/** Limits on the resources that a caller may hold. */
export interface CallLimits {
  /** A message must be complete this long after its stream opened or its first byte arrived, in milliseconds. */
  readonly receiveTimeoutMs: number;
  /** An answer that the caller does not read is dropped after this long, in milliseconds. */
  readonly lingerMs: number;
}

export const CALL_LIMITS: CallLimits = { receiveTimeoutMs: 10_000, lingerMs: 10_000 };
