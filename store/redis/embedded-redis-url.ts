import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds the address of the Redis that `npm start` runs, as long as it does: its port is not always the usual one. */
const FILE = 'redis-url';

/** Where that Redis keeps its files: whoever answers there and works in another folder is somebody else's. */
export function ownRedisDir(dataDir: string): string {
  return join(dataDir, 'redis');
}

export function keepEmbeddedRedisUrl(dataDir: string, url: string): void {
  writeFileSync(join(dataDir, FILE), `${url}\n`);
}

export function forgetEmbeddedRedisUrl(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}

/** Undefined where no `npm start` runs a Redis for this DATA_DIR. */
export function readEmbeddedRedisUrl(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), 'utf8').trim() || undefined;
  } catch {
    // Not there: the usual case wherever REDIS_URL is set.
    return undefined;
  }
}
