import { accessSync, constants, mkdirSync } from 'node:fs';

/**
 * Makes the folder of DATA_DIR where it is not there.
 *
 * @throws {Error} where it can't be made or written to: a sentence that names the variable, its value and what to do
 */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`DATA_DIR=${dataDir} is not allowed: it must be a folder that can be written to (${reason}).`);
  }
}
