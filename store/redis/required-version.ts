import { ConfigError } from '../../config/config-error.ts';
import type { Redis } from './redis.ts';
import { parseText } from './replies.ts';

const MAJOR = 7;

/**
 * Checks that Redis has what is used everywhere: XAUTOCLAIM that names lost entries, lag of groups, scripts that may
 * return errors as tables. What only newer versions have is looked for where it is used, never required.
 *
 * @throws {ConfigError} where it is older than 7.0
 */
export async function requireVersion(redis: Redis, key: string): Promise<void> {
  const info = await redis.send(key, ['INFO', 'server'], parseText);
  const version = /^redis_version:((\d+)\.\S*)/m.exec(String(info));
  // One that does not tell its version may be a newer kind of server: what it lacks will show.
  if (version === null || Number(version[2]) >= MAJOR) return;
  throw new ConfigError(`Redis ${version[1]} (REDIS_URL) is too old; Votewire needs Redis ${MAJOR}.0 or later`);
}
