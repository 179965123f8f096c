import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LogSettings, openLogStore } from './open-log-store.ts';

/** True if the log has votes; false if it cannot be read. Used at a start with an empty Redis. */
export async function logHasVotes(settings: Pick<LogSettings, 'mongodbUrl' | 'dataDir'>): Promise<boolean> {
  // Opening the log would create the file.
  if (settings.mongodbUrl === undefined && !existsSync(join(settings.dataDir, 'votes.db'))) return false;
  try {
    await using log = await openLogStore({ ...settings, logTtlDays: 0 });
    return (await log.totals()).votes > 0;
  } catch {
    // The log is unreachable, or this runtime lacks the driver: there is no evidence of an earlier deployment.
    return false;
  }
}
