import { join } from 'node:path';
import type { LogStore } from './log-store.ts';

/** The settings of StoreConfig that the log needs. */
export interface LogSettings {
  /** URL of the MongoDB with the log; undefined: the log is `votes.db` in `dataDir`. */
  readonly mongodbUrl: string | undefined;
  readonly dataDir: string;
  /** Days after which votes are removed; 0: never. */
  readonly logTtlDays: number;
}

/**
 * Opens the vote log. An unreachable MongoDB is not an error here: it delays the start by at most 3 s, and calls reject
 * until it is available.
 *
 * Only the selected driver is loaded, so that a runtime without `node:sqlite` can use MongoDB.
 *
 * @throws {ConfigError} if a newer Votewire wrote the log
 * @throws {Error} if SQLite's file cannot be opened
 */
export async function openLogStore(settings: LogSettings): Promise<LogStore> {
  if (settings.mongodbUrl !== undefined) {
    const { openMongoLog } = await import('./mongo/mongo-log.ts');
    return await openMongoLog({ url: settings.mongodbUrl, ttlDays: settings.logTtlDays });
  }
  const { openSqliteLog } = await import('./sqlite/sqlite-log.ts');
  return openSqliteLog({ file: join(settings.dataDir, 'votes.db'), ttlDays: settings.logTtlDays });
}
