import type { ReadBounds } from '../../../store/log/reads/read-deadline.ts';
import type { DashboardContext } from '../dashboard-env.ts';

/** Below the two seconds that an answer may take, so that the client gets the reason instead of a timeout. */
export const PAGE_MS = 1500;

/** Bounds of one request's search in the log: PAGE_MS, or until the client disconnects. */
export function readBoundsOf({ env: { outgoing } }: DashboardContext): Required<ReadBounds> {
  const left = new AbortController();
  if (outgoing.destroyed) left.abort();
  outgoing.once('close', () => left.abort());
  return { timeoutMs: PAGE_MS, signal: left.signal };
}
