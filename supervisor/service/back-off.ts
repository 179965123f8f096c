/** Milliseconds before try `failures + 1`: 200 ms, doubled with each failure in a row, at most 5 s. */
export function backOffMs(failures: number): number {
  return Math.min(5000, 200 * 2 ** Math.max(0, failures - 1));
}
