import type { Redis } from '../../store/redis/redis.ts';
import { readRedisTime } from '../../store/redis/redis-time.ts';
import { parseText } from '../../store/redis/replies.ts';
import { clusterKey } from '../../store/streams/keys.ts';

/**
 * A finding of `votewire doctor`. `warning`: works, but data is at risk. `error`: votes are or will be lost or
 * rejected.
 */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly subject: string;
  readonly message: string;
}

/** With a larger difference, contests would close noticeably earlier or later than the audience expects. */
const MAX_SKEW_MS = 2000;
const MIN_VERSION = 7;

export async function checkRedis(redis: Redis, now: number): Promise<Finding[]> {
  const info = await redis.send(clusterKey, ['INFO'], parseText);
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const skewMs = Math.abs((await readRedisTime(redis, clusterKey)) - now);
  return [
    checkVersion(field('redis_version')),
    checkPersistence(field('aof_enabled'), field('aof_last_write_status')),
    checkMemory(field('maxmemory_policy'), Number(field('maxmemory')), Number(field('used_memory'))),
    checkRole(field('role'), Number(field('connected_slaves'))),
    skewMs <= MAX_SKEW_MS
      ? ok('clock', `differs by ${Math.round(skewMs)} ms from Redis`)
      : warning(
          'clock',
          `differs by ${Math.round(skewMs)} ms from Redis, whose clock opens and closes contests; use NTP`,
        ),
  ];
}

function checkVersion(version: string): Finding {
  return Number.parseInt(version, 10) >= MIN_VERSION
    ? ok('redis', `version ${version}`)
    : error('redis', `version ${version} is too old; use ${MIN_VERSION}.0 or later`);
}

function checkPersistence(enabled: string, status: string): Finding {
  if (enabled !== '1') return error('persistence', 'votes are lost if Redis restarts; set appendonly yes');
  return status === 'ok'
    ? ok('persistence', 'the append-only file is being written')
    : error('persistence', `the last write of the append-only file failed (${status}); check the disk of Redis`);
}

function checkMemory(policy: string, limit: number, used: number): Finding {
  if (policy !== 'noeviction') {
    return error('memory', `maxmemory-policy ${policy} may delete votes to make room; set noeviction`);
  }
  if (limit > 0 && used > 0.8 * limit) {
    return warning('memory', `${Math.round((100 * used) / limit)} % of maxmemory is used; writes fail at 100 %`);
  }
  return ok('memory', `policy noeviction, ${Math.round(used / 1024 / 1024)} MiB used`);
}

function checkRole(role: string, replicas: number): Finding {
  if (role !== 'master' && role !== '') return error('role', `REDIS_URL points to a ${role}; writes need the master`);
  return ok('role', `master with ${replicas} replicas`);
}

export function ok(subject: string, message: string): Finding {
  return { level: 'ok', subject, message };
}

export function warning(subject: string, message: string): Finding {
  return { level: 'warning', subject, message };
}

export function error(subject: string, message: string): Finding {
  return { level: 'error', subject, message };
}
