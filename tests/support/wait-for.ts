import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Names the condition in the error. Default: its source. */
  readonly what?: string;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Between polls. Default 10; more for a condition that is costly to check. */
  readonly everyMs?: number;
  /** Called between polls; throws to stop waiting. */
  readonly orThrow?: () => void;
}

/**
 * Polls the condition until it holds. Tests wait only this way, never for a fixed time.
 *
 * @throws {Error} after `timeoutMs`, with the name of the condition
 */
export async function waitFor(
  condition: () => unknown,
  { what = condition.toString(), timeoutMs = 10_000, everyMs = 10, orThrow }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    orThrow?.();
    if (performance.now() > end) throw new Error(`Condition did not hold within ${timeoutMs} ms: ${what}`);
    await delay(everyMs);
  }
}
