import { ConfigError } from '../../../config/config-error.ts';
import { storeLog } from '../../store-log.ts';
import type { Redis } from '../redis.ts';
import { readRedisTime } from '../redis-time.ts';
import { parseText } from '../replies.ts';
import { checkPermissions } from './check-permissions.ts';

const MAJOR = 7;
const CLOCK_OFF_MS = 5000;

export interface RedisRequirements {
  /** `REDIS_EVICTION=allow`: start even if Redis may evict keys, and votes with them. */
  readonly allowEviction: boolean;
}

/**
 * Checks at the start that Redis can keep the promise that every acknowledged vote counts. Settings that only weaken
 * the promise are logged as warnings.
 *
 * @throws {ConfigError} if Redis is older than 7.0, a replica, may evict keys, or does not grant its user a command
 */
export async function checkRedis(redis: Redis, key: string, { allowEviction }: RedisRequirements): Promise<void> {
  await checkPermissions(redis);
  const info = await readInfo(redis, key);
  const version = /^(\d+)\./.exec(info.redis_version ?? '');
  // A server that does not report a version may be compatible: a missing feature fails when it is used.
  if (version !== null && Number(version[1]) < MAJOR) {
    throw new ConfigError(
      `Redis ${info.redis_version} (REDIS_URL) is too old; Votewire needs Redis ${MAJOR}.0 or later`,
    );
  }
  if (info.role === 'slave' && !redis.cluster) {
    throw new ConfigError(
      `REDIS_URL is the address of a replica, which accepts no votes. Set it to the master, ${info.master_host}:${info.master_port}`,
    );
  }
  const policy = info.maxmemory_policy ?? 'noeviction';
  if (policy !== 'noeviction' && !allowEviction) {
    throw new ConfigError(
      `Redis (REDIS_URL) may evict acknowledged votes: its maxmemory-policy is ${policy}. Set it to noeviction, or set ` +
        'REDIS_EVICTION=allow to accept the loss',
    );
  }
  if (info.aof_enabled === '0') {
    storeLog.warn(
      'Redis (REDIS_URL) has no append-only file: if it crashes, votes since its last snapshot are lost. Set appendonly to yes',
    );
  }
  await warnIfClockIsOff(redis, key);
}

/** Reads INFO; empty if the user of REDIS_URL may not call it. */
async function readInfo(redis: Redis, key: string): Promise<Readonly<Record<string, string>>> {
  try {
    const text = await redis.send(key, ['INFO'], parseText);
    return Object.fromEntries(
      text.split('\r\n').flatMap((line) => {
        const colon = line.indexOf(':');
        return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOPERM'))) throw error;
    storeLog.warn(
      'The user of REDIS_URL may not call INFO: version, eviction and persistence of Redis are not checked',
    );
    return {};
  }
}

async function warnIfClockIsOff(redis: Redis, key: string): Promise<void> {
  const offMs = (await readRedisTime(redis, key)) - Date.now();
  if (Math.abs(offMs) < CLOCK_OFF_MS) return;
  const seconds = Math.round(Math.abs(offMs) / 1000);
  storeLog.warn(
    { offMs: Math.round(offMs) },
    `The clock of Redis (REDIS_URL) is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} the clock of this machine. ` +
      'The clock of Redis opens and closes contests. Synchronize both, for example by NTP',
  );
}
