/** Whether the process at this URL reports that it is ready. */
export async function isReady(url: string | undefined): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    // Nothing listens there yet.
    return false;
  }
}
