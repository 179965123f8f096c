import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, readFileOnce, readSecret } from '../env.ts';
import { makeFolder } from '../files/make-folder.ts';

const FILE = 'secret';

/**
 * The deployment's secret from `SECRET`, the file named by `SECRET_FILE`, or the file `secret` in DATA_DIR; undefined
 * if there is none. With a copy outside Redis, returning voters are still recognized after a loss of Redis.
 *
 * @throws {ConfigError} if it is too short or its file cannot be read
 */
export function readDeploymentSecret(env: Env, dataDir: string): string | undefined {
  const chosen = readSecret(env, 'SECRET');
  if (chosen !== undefined) return chosen;
  const secret = readFileOnce(join(dataDir, FILE));
  return secret === undefined ? undefined : readSecret({ SECRET: secret }, 'SECRET');
}

/** Writes the secret to DATA_DIR, readable only by its owner, unless the file exists. */
export function keepDeploymentSecret(dataDir: string, secret: string): void {
  makeFolder(dataDir);
  try {
    writeFileSync(join(dataDir, FILE), `${secret}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
