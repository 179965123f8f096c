/** Delay before attempt `failures + 1`, in milliseconds: 200, doubled with each consecutive failure, at most 5,000. */
export function backOffMs(failures: number): number {
  return Math.min(5000, 200 * 2 ** Math.max(0, failures - 1));
}
