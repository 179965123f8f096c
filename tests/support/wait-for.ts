import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** What is awaited, for the error. Default: the source of the condition. */
  readonly what?: string;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Throws if waiting has become pointless. */
  readonly orThrow?: () => void;
}

/**
 * Waits until the condition holds, asking every 10 ms. The one way to wait in tests: never for a time.
 *
 * @throws {Error} after `timeoutMs`, naming what was awaited
 */
export async function waitFor(
  condition: () => unknown,
  { what = condition.toString(), timeoutMs = 10_000, orThrow }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    orThrow?.();
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`);
    await delay(10);
  }
}
