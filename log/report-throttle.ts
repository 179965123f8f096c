/** The same fault is reported at most this often: a Redis that is away for hours must not fill a disk. */
const REPEAT_MS = 60_000;

/** Decides whether a message is due: each distinct one at most once in `repeatMs` (default one minute). */
export function createReportThrottle(repeatMs = REPEAT_MS): (message: string) => boolean {
  const reportedAt = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (reportedAt.get(message) ?? Number.NEGATIVE_INFINITY) < repeatMs) return false;
    // Messages may carry entry ids: without a bound the map would grow for as long as the fault lasts.
    if (reportedAt.size >= 1000) reportedAt.clear();
    reportedAt.set(message, now);
    return true;
  };
}
