import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LogStore } from '../../store/log/log-store.ts';
import { type LogSettings, openLogStore } from '../../store/log/open-log-store.ts';

/**
 * The vote log, opened when a receipt first needs it, which never happens on most edges. An edge on another machine
 * than the SQLite file has no log; `vote` then resolves to undefined.
 */
interface LazyLog extends Pick<LogStore, 'vote'>, AsyncDisposable {}

export function lazyLog(settings: LogSettings): LazyLog {
  let opening: Promise<LogStore | undefined> | undefined;
  const open = async () => {
    if (settings.mongodbUrl === undefined && !existsSync(join(settings.dataDir, 'votes.db'))) return undefined;
    return await openLogStore(settings);
  };
  /** The log if it exists. Once open, it stays open, because it reconnects by itself. */
  const opened = async () => {
    opening ??= open();
    const attempt = opening;
    let log: LogStore | undefined;
    try {
      log = await attempt;
      return log;
    } finally {
      // Missing or unavailable; the next receipt tries again.
      if (log === undefined && opening === attempt) opening = undefined;
    }
  };
  return {
    async vote(entry, index) {
      return await (await opened())?.vote(entry, index);
    },
    async [Symbol.asyncDispose]() {
      const log = await opening?.catch(() => undefined);
      await log?.[Symbol.asyncDispose]();
    },
  };
}
