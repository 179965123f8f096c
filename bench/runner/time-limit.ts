/** After `softMs` nothing more is measured once every variant was, after `hardMs` nothing at all. */
export interface Budget {
  readonly softMs: number;
  readonly hardMs: number;
}

export function isOverBudget(budget: Budget | undefined, elapsedMs: number, allMeasuredOnce: boolean): boolean {
  if (budget === undefined) return false;
  return elapsedMs > (allMeasuredOnce ? budget.softMs : budget.hardMs);
}

/** In less than a second a server's garbage collections fall into one window and not into the next. */
const SHORTEST_WINDOW_MS = 1000;

export interface RunLength {
  readonly rounds: number;
  /** The window that was asked for. */
  readonly measureMs: number;
  /** When the run should end, from its start; undefined: whenever it does. */
  readonly fitMs?: number;
}

/**
 * The window of the rounds after the first, for the run to end in time: on a slow machine a shorter one, down to a
 * second. Within a round all variants have the same.
 */
export function fittingWindow({ rounds, measureMs, fitMs }: RunLength, firstRoundMs: number, variants: number): number {
  if (fitMs === undefined) return measureMs;
  const available = (fitMs - firstRoundMs) / ((rounds - 1) * variants);
  const excess = firstRoundMs / variants - available;
  return Math.round(Math.min(measureMs, Math.max(SHORTEST_WINDOW_MS, measureMs - excess)));
}
