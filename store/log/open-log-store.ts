import { join } from 'node:path';
import type { LogStore } from './log-store.ts';

/** What the log needs of StoreConfig. */
export interface LogSettings {
  /** The log is in this MongoDB; undefined: in `votes.db` in `dataDir`. */
  readonly mongodbUrl: string | undefined;
  readonly dataDir: string;
  /** Days after which votes leave the log; 0: never. */
  readonly logTtlDays: number;
}

/**
 * Opens the vote log. A MongoDB that is away is no error: calls reject until it is back.
 *
 * Each driver is loaded only where it is used, so that a runtime without `node:sqlite` can run on MongoDB.
 *
 * @throws {Error} where SQLite's file can't be opened, or a newer Votewire wrote it
 */
export async function openLogStore(settings: LogSettings): Promise<LogStore> {
  if (settings.mongodbUrl !== undefined) {
    const { openMongoLog } = await import('./mongo/mongo-log.ts');
    return openMongoLog({ url: settings.mongodbUrl, ttlDays: settings.logTtlDays });
  }
  const { openSqliteLog } = await import('./sqlite/sqlite-log.ts');
  return openSqliteLog({ file: join(settings.dataDir, 'votes.db'), ttlDays: settings.logTtlDays });
}
