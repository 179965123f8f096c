import { ConfigError } from './config-error.ts';
import { type Env, isSet, readChoice, readFileVariable, readInteger, readText } from './env.ts';
import { readRedisUrls } from './redis-urls.ts';
import { readDeploymentSecret } from './secrets/deployment-secret.ts';
import { redactPasswords } from './secrets/redact-passwords.ts';

/** The driver checks the options after `?`. */
const MONGODB_URL = /^mongodb(\+srv)?:\/\/([^/?#@:]*(:[^/?#@:]*)?@)?[^/?#@]+(\/[^/?#@\\ "$]*)?(\?[^#]*)?$/;

/** How a process reaches Redis and the log, with the settings that all processes share. */
export interface StoreConfig {
  /** `REDIS_URL`, split at commas: several hosts mean Redis Cluster. Default: `redis://127.0.0.1:6379`. */
  readonly redisUrls: readonly string[];
  /** `REDIS_EVICTION`: `stop` (default) refuses to start if Redis may evict keys; `allow` starts anyway. */
  readonly redisEviction: 'stop' | 'allow';
  /** `MONGODB_URL`; undefined: the log is stored in SQLite. */
  readonly mongodbUrl: string | undefined;
  /** `DATA_DIR`: the folder of SQLite and the embedded Redis. Default `./data`. */
  readonly dataDir: string;
  /** `PARTITIONS`, 1 to 1024; undefined: the number fixed at the first start, or 4. */
  readonly partitions: number | undefined;
  /** `SECRET`, `SECRET_FILE` or DATA_DIR/secret, at least 16 characters; undefined: generated and stored in Redis. */
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
  const dataDir = readText(env, 'DATA_DIR', './data');
  return {
    redisUrls: readRedisUrls(env),
    redisEviction: readChoice(env, 'REDIS_EVICTION', 'stop', ['stop', 'allow']),
    mongodbUrl: readMongodbUrl(env),
    dataDir,
    partitions: isSet(env, 'PARTITIONS')
      ? readInteger(env, 'PARTITIONS', { fallback: 4, min: 1, max: 1024 })
      : undefined,
    secret: readDeploymentSecret(env, dataDir),
    logTtlDays: readInteger(env, 'LOG_TTL_DAYS', { fallback: 0, min: 0, max: 36_500 }),
    voteIdWindowHours: readInteger(env, 'VOTE_ID_WINDOW_HOURS', { fallback: 24, min: 1, max: 720 }),
  };
}

function readMongodbUrl(env: Env): string | undefined {
  const value = readFileVariable(env, 'MONGODB_URL');
  if (value === undefined || MONGODB_URL.test(value)) return value;
  throw ConfigError.invalid(
    'MONGODB_URL',
    redactPasswords(value),
    'mongodb://[user:password@]host[:port][/database] or mongodb+srv://…; percent-encode special characters in the password',
  );
}
