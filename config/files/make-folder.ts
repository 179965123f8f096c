import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Creates a folder and its missing parents, one level at a time. Node's recursive mkdir never returns on a file system
 * that reports ENOENT although the parent exists, such as /proc: `mkdir('/proc/x', { recursive: true })`.
 *
 * @throws {Error} with a system error code if a level cannot be created or is not a folder
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let level = resolve(path);
  while (statSync(level, { throwIfNoEntry: false }) === undefined) {
    missing.push(level);
    level = dirname(level);
  }
  if (!statSync(level).isDirectory()) throw new Error(`ENOTDIR: ${level} is not a folder`);
  for (const folder of missing.reverse()) makeLevel(folder);
}

function makeLevel(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have created it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
