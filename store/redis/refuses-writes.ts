/** Error replies of a reachable Redis that rejects writes until an operator or a failover resolves it. */
const REJECTED_WRITE = /^(OOM|MISCONF|READONLY|NOREPLICAS|CLUSTERDOWN|LOADING|MASTERDOWN|TRYAGAIN)\b/;

/**
 * True if Redis answered that it rejects writes now: it is out of memory, its disk is full, or it is no longer master.
 */
export function refusesWrites(error: unknown): boolean {
  return error instanceof Error && REJECTED_WRITE.test(error.message);
}
