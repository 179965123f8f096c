import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../../../config/config-error.ts';
import { storeLog } from '../../store-log.ts';
import type { Redis } from '../redis.ts';

const PAUSE_MS = 100;
/** Time for which errors of a reachable Redis are retried: it may be loading data or failing over. */
const ANSWERED_MS = 30_000;
/** Longer than a restarted Redis takes to load a small file, so that a normal restart is not reported. */
const REPORT_AFTER_MS = 1000;

/**
 * Repeats an action until it succeeds. For the start of a process, when Redis may be starting, restarting or loading
 * its data. The action must be safe to repeat from its beginning.
 *
 * @throws {ConfigError} at once; the signal's reason once it aborts; any other error that a reachable Redis still
 * answers after 30 s
 */
export async function retryUntilDone<T>(redis: Redis, action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let failingSince: number | undefined;
  let isReported = false;
  for (;;) {
    await redis.whenReady(signal);
    try {
      return await action();
    } catch (error) {
      if (error instanceof ConfigError || signal?.aborted) throw error;
      const now = performance.now();
      failingSince ??= now;
      if (redis.ready && now - failingSince > ANSWERED_MS) throw error;
      if (!redis.ready) failingSince = undefined;
      else if (!isReported && now - failingSince > REPORT_AFTER_MS) {
        isReported = true;
        storeLog.warn(explain(error instanceof Error ? error.message : String(error)));
      }
    }
    await delay(PAUSE_MS, undefined, signal && { signal });
  }
}

function explain(message: string): string {
  if (message.startsWith('CLUSTERDOWN')) {
    return `Redis Cluster (REDIS_URL) does not serve all slots (${message}); retrying. Check its masters with CLUSTER NODES`;
  }
  if (message.startsWith('LOADING')) return 'Redis (REDIS_URL) is loading its data; waiting for it';
  return `Redis (REDIS_URL) answers with an error; retrying: ${message}`;
}
