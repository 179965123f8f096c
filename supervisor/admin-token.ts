import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, readFileVariable } from '../config/env.ts';
import { makeFolder } from '../config/files/make-folder.ts';

/** File in DATA_DIR that holds the token, readable only by its owner. */
export const ADMIN_TOKEN_FILE = 'admin-token';

/** The admin token of `npm start` if ADMIN_TOKEN is unset: created once, then the same at every start. */
export function readOrCreateAdminToken(dataDir: string): string {
  const file = join(dataDir, ADMIN_TOKEN_FILE);
  makeFolder(dataDir);
  try {
    // `wx` fails if the file exists, so an existing token is kept.
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

/** True if the environment sets an admin token, as a value or a file. */
export function hasAdminToken(env: Env): boolean {
  return readFileVariable(env, 'ADMIN_TOKEN') !== undefined;
}
