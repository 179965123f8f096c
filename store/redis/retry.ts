import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../../config/config-error.ts';
import type { Redis } from './redis.ts';

const PAUSE_MS = 100;
/** For how long an error that Redis itself answered with is repeated: it may be loading, or failing over. */
const ANSWERED_MS = 30_000;

/**
 * Repeats an action that needs Redis until it succeeds: for what a process does at its start, when Redis may come, go
 * and load its data. The action is run again from its beginning, so it must bear that.
 *
 * @throws {ConfigError} at once; the signal's reason once it aborts; any other error where Redis is there and still
 * answers with it after 30 s
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
