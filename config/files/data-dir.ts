import { accessSync, constants } from 'node:fs';
import { ConfigError } from '../config-error.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Creates the DATA_DIR folder if it is absent.
 *
 * @throws {ConfigError} if it cannot be created or written to
 */
export function prepareDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw ConfigError.invalid('DATA_DIR', dataDir, `a folder that this user can create and write to (${reason})`);
  }
}
