import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** File with the address of the embedded Redis while `npm start` runs, because its port may not be the default. */
const FILE = 'redis-url';

/** The folder of the embedded Redis: a Redis at its address that uses another folder is a different one. */
export function ownRedisDir(dataDir: string): string {
  return join(dataDir, 'redis');
}

export function keepEmbeddedRedisUrl(dataDir: string, url: string): void {
  writeFileSync(join(dataDir, FILE), `${url}\n`);
}

export function forgetEmbeddedRedisUrl(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}

/** Undefined if no `npm start` runs a Redis for this DATA_DIR. */
export function readEmbeddedRedisUrl(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), 'utf8').trim() || undefined;
  } catch {
    // The file does not exist, which is normal if REDIS_URL is set.
    return undefined;
  }
}
