/** Replies with which a reachable Redis rejects writes until an operator or a failover acts. */
const REJECTED_WRITE = /^(OOM|MISCONF|READONLY|NOREPLICAS|CLUSTERDOWN|LOADING|MASTERDOWN|TRYAGAIN)\b/;

/** Whether Redis answered that it accepts no writes now: out of memory, its disk full, or no longer the master. */
export function refusesWrites(error: unknown): boolean {
  return error instanceof Error && REJECTED_WRITE.test(error.message);
}
