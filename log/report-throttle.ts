/** Minimum time between reports of the same fault, so that a Redis outage of hours does not fill the disk. */
const REPEAT_MS = 60_000;

/** Decides whether a message is due: each distinct message at most once per `repeatMs` (default: one minute). */
export function createReportThrottle(repeatMs = REPEAT_MS): (message: string) => boolean {
  const reportedAt = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (reportedAt.get(message) ?? Number.NEGATIVE_INFINITY) < repeatMs) return false;
    // Messages may contain entry ids: without a bound, the map would grow for as long as the fault lasts.
    if (reportedAt.size >= 1000) reportedAt.clear();
    reportedAt.set(message, now);
    return true;
  };
}
