import { storeLog } from '../store-log.ts';
import type { LogStore } from './log-store.ts';

const CHECK_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Removes votes older than `ttlDays` now and once an hour; 0: never. Several processes may do this at once, and in
 * addition to MongoDB's TTL index, which some servers with its wire protocol do not support.
 */
export function startRetention(store: Pick<LogStore, 'removeOlderThan'>, ttlDays: number): Disposable {
  const remove = () => {
    store.removeOlderThan(new Date(Date.now() - ttlDays * DAY_MS)).catch((error: unknown) => {
      storeLog.warn({ fault: error }, 'Cannot remove votes older than LOG_TTL_DAYS from the log; retrying in an hour');
    });
  };
  const timer = ttlDays === 0 ? undefined : setInterval(remove, CHECK_MS).unref();
  if (ttlDays !== 0) remove();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
