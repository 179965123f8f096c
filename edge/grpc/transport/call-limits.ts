/** Bounds on what a caller may keep of ours. */
export interface CallLimits {
  /** A message must be complete this long after its stream opened or its first byte came, in milliseconds. */
  readonly receiveTimeoutMs: number;
  /** An answer that the caller takes no notice of is given up after this, in milliseconds. */
  readonly lingerMs: number;
}

export const CALL_LIMITS: CallLimits = { receiveTimeoutMs: 10_000, lingerMs: 10_000 };
