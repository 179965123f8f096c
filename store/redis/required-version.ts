import { ConfigError } from '../../config/config-error.ts';
import type { Redis } from './redis.ts';
import { parseText } from './replies.ts';

const MAJOR = 7;

/**
 * Checks that Redis has what Votewire relies on: XAUTOCLAIM that names lost entries, the lag of groups, scripts that
 * return errors as tables. Features of newer versions are detected where they are used, never required.
 *
 * @throws {ConfigError} if it is older than 7.0
 */
export async function requireVersion(redis: Redis, key: string): Promise<void> {
  const info = await redis.send(key, ['INFO', 'server'], parseText);
  const version = /^redis_version:((\d+)\.\S*)/m.exec(String(info));
  // A server that does not report a version may be compatible: missing features show when they are used.
  if (version === null || Number(version[2]) >= MAJOR) return;
  throw new ConfigError(`Redis ${version[1]} (REDIS_URL) is too old; Votewire needs Redis ${MAJOR}.0 or later`);
}
