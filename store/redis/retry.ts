import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../../config/config-error.ts';
import type { Redis } from './redis.ts';

const PAUSE_MS = 100;
/** How long errors from a reachable Redis are retried: it may be loading or failing over. */
const ANSWERED_MS = 30_000;

/**
 * Repeats an action until it succeeds, for the start of a process, when Redis may be starting, restarting or loading its
 * data. The action must be safe to repeat from its beginning.
 *
 * @throws {ConfigError} at once; the signal's reason once it aborts; any other error if a reachable Redis still answers
 * with it after 30 s
 */
export async function retryUntilDone<T>(redis: Redis, action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let failingSince: number | undefined;
  for (;;) {
    await redis.whenReady(signal);
    try {
      return await action();
    } catch (error) {
      if (error instanceof ConfigError || signal?.aborted) throw error;
      failingSince ??= performance.now();
      if (redis.ready && performance.now() - failingSince > ANSWERED_MS) throw error;
      if (!redis.ready) failingSince = undefined;
    }
    await delay(PAUSE_MS, undefined, signal && { signal });
  }
}
