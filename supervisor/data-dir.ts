import { accessSync, constants, mkdirSync } from 'node:fs';

/**
 * Creates the folder of DATA_DIR if it is absent.
 *
 * @throws {Error} if it cannot be created or written to; the message names the variable and its value
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
