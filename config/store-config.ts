import { ConfigError } from './config-error.ts';
import { type Env, isSet, readChoice, readInteger, readSecret, readText } from './env.ts';
import { redactPasswords } from './redact-passwords.ts';

/** How a process reaches Redis and the log, with the settings that all processes share. */
export interface StoreConfig {
  /** `REDIS_URL`, split at commas: several hosts mean Redis Cluster. Default: `redis://127.0.0.1:6379`. */
  readonly redisUrls: readonly string[];
  /** `REDIS_EVICTION`: whether a Redis that may evict keys stops the start. Default `stop`. */
  readonly redisEviction: 'stop' | 'allow';
  /** `MONGODB_URL`; undefined: the log is stored in SQLite. */
  readonly mongodbUrl: string | undefined;
  /** `DATA_DIR`: the folder of SQLite and the embedded Redis. Default `./data`. */
  readonly dataDir: string;
  /** `PARTITIONS`, 1 to 1024; undefined: the number fixed at the first start, or 4. */
  readonly partitions: number | undefined;
  /** `SECRET`, at least 16 characters; undefined: generated at the first start and stored in Redis. */
  readonly secret: string | undefined;
  /** `LOG_TTL_DAYS`: days after which votes leave the log; 0 (the default): never. */
  readonly logTtlDays: number;
  /** `VOTE_ID_WINDOW_HOURS`, 1 to 720: how long a repeated vote_id is recognized. Default 24. */
  readonly voteIdWindowHours: number;
}

/**
 * Reads the settings that all processes share.
 *
 * @throws {ConfigError} for the first variable whose value is not allowed
 */
export function readStoreConfig(env: Env): StoreConfig {
  return {
    redisUrls: readRedisUrls(env),
    redisEviction: readChoice(env, 'REDIS_EVICTION', 'stop', ['stop', 'allow']),
    mongodbUrl: readMongodbUrl(env),
    dataDir: readText(env, 'DATA_DIR', './data'),
    partitions: isSet(env, 'PARTITIONS')
      ? readInteger(env, 'PARTITIONS', { fallback: 4, min: 1, max: 1024 })
      : undefined,
    secret: readSecret(env, 'SECRET'),
    logTtlDays: readInteger(env, 'LOG_TTL_DAYS', { fallback: 0, min: 0, max: 36_500 }),
    voteIdWindowHours: readInteger(env, 'VOTE_ID_WINDOW_HOURS', { fallback: 24, min: 1, max: 720 }),
  };
}

function readRedisUrls(env: Env): string[] {
  const value = readText(env, 'REDIS_URL', 'redis://127.0.0.1:6379');
  const allowed =
    'redis://[user:password@]host[:port][/database] (or rediss://), for Redis Cluster several of them separated by commas';
  const urls: string[] = [];
  for (const part of value.split(',')) {
    const text = part.trim();
    // `redis://a,b:7001,c`: hosts after the first may omit the scheme and the credentials.
    const first = urls[0] === undefined ? undefined : new URL(urls[0]);
    const credentials = first?.username || first?.password ? `${first.username}:${first.password}@` : '';
    const url = /^rediss?:\/\//.test(text) ? text : `${first?.protocol ?? 'redis:'}//${credentials}${text}`;
    if (!/^rediss?:\/\/[^/]+(\/\d*)?$/.test(url) || !URL.canParse(url)) {
      throw ConfigError.invalid('REDIS_URL', redactPasswords(value), allowed);
    }
    urls.push(url);
  }
  if (urls.length > 1 && urls.some((url) => !['', '/', '/0'].includes(new URL(url).pathname))) {
    throw ConfigError.invalid('REDIS_URL', redactPasswords(value), `${allowed}; Redis Cluster has no database but 0`);
  }
  return urls;
}

function readMongodbUrl(env: Env): string | undefined {
  const value = readText(env, 'MONGODB_URL', '');
  if (value === '') return undefined;
  if (!/^mongodb(\+srv)?:\/\/[^/]+/.test(value)) {
    throw ConfigError.invalid(
      'MONGODB_URL',
      redactPasswords(value),
      'mongodb://[user:password@]host[:port][/database]',
    );
  }
  return value;
}
