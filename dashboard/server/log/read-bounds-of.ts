import type { ReadBounds } from '../../../store/log/reads/read-deadline.ts';
import type { DashboardContext } from '../dashboard-env.ts';

/** Below the two seconds of an answer: the reader gets the reason instead of a timeout. */
export const PAGE_MS = 1500;

/** How long the log may look for what one request asks for: until its client leaves, and not much longer than a page takes. */
export function readBoundsOf({ env: { outgoing } }: DashboardContext): Required<ReadBounds> {
  const left = new AbortController();
  if (outgoing.destroyed) left.abort();
  outgoing.once('close', () => left.abort());
  return { timeoutMs: PAGE_MS, signal: left.signal };
}
