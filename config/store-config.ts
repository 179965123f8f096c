/** Environment variables as a process got them; passed in, so that nothing but an entry file reads `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A variable has a value that is not allowed. The message names the variable, its value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(variable: string, value: string, allowed: string) {
    super(`${variable}=${value} is not allowed: it must be ${allowed}.`);
  }
}

/** What every process needs to reach the stores. */
export interface StoreConfig {
  /** `REDIS_URL`, split at commas: several hosts mean Redis Cluster. Default: one on the loopback interface. */
  readonly redisUrls: readonly string[];
  /** `MONGODB_URL`; undefined: the log is in SQLite. */
  readonly mongodbUrl: string | undefined;
  /** `DATA_DIR`: where SQLite and an own Redis keep their files. Default `./data`. */
  readonly dataDir: string;
  /** `PARTITIONS`, 1 to 1024; undefined: what was fixed at first start, or 4. */
  readonly partitions: number | undefined;
  /** `SECRET`, at least 16 characters; undefined: one that is made at first start and kept in Redis. */
  readonly secret: string | undefined;
  /** `LOG_TTL_DAYS`: days after which votes leave the log; 0 (the default): never. */
  readonly logTtlDays: number;
  /** `VOTE_ID_WINDOW_HOURS`, 1 to 720: how long a repeated vote_id is recognised. Default 24. */
  readonly voteIdWindowHours: number;
}

/**
 * Reads what is the same for every process.
 *
 * @throws {ConfigError} at the first value that is not allowed
 */
export function readStoreConfig(env: Env): StoreConfig {
  return {
    redisUrls: readRedisUrls(env),
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

/** True where the variable has a value; an empty one counts as absent, as compose files write it. */
export function isSet(env: Env, name: string): boolean {
  return (env[name] ?? '') !== '';
}

/** A whole number from `min` to `max`. */
export function readInteger(env: Env, name: string, range: { fallback: number; min: number; max: number }): number {
  const value = env[name] ?? '';
  if (value === '') return range.fallback;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number) || number < range.min || number > range.max) {
    throw new ConfigError(name, value, `a whole number from ${range.min} to ${range.max}`);
  }
  return number;
}

/** One of a few words. */
export function readChoice<T extends string>(env: Env, name: string, fallback: T, choices: readonly T[]): T {
  const value = env[name] ?? '';
  if (value === '') return fallback;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new ConfigError(name, value, `one of ${choices.join(', ')}`);
  return found;
}

/** `true`, `1`, `false` or `0`. */
export function readFlag(env: Env, name: string, fallback: boolean): boolean {
  const value = readChoice(env, name, fallback ? 'true' : 'false', ['true', '1', 'false', '0']);
  return value === 'true' || value === '1';
}

/** Any text without control characters, at most 1,024 characters. */
export function readText(env: Env, name: string, fallback: string): string {
  const value = env[name] ?? '';
  if (value === '') return fallback;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
  if (value.length > 1024 || /[\u0000-\u001f\u007f]/.test(value)) {
    throw new ConfigError(
      name,
      JSON.stringify(value.slice(0, 60)),
      'at most 1,024 characters, none of them a control character',
    );
  }
  return value;
}

/** A secret of at least 16 characters; its value never gets into an error. */
export function readSecret(env: Env, name: string): string | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  if (value.length < 16) throw new ConfigError(name, '(hidden)', 'at least 16 characters long');
  return value;
}

function readRedisUrls(env: Env): string[] {
  const value = readText(env, 'REDIS_URL', 'redis://127.0.0.1:6379');
  const allowed =
    'redis://[user:password@]host[:port][/database] (or rediss://), for Redis Cluster several of them separated by commas';
  const urls: string[] = [];
  for (const part of value.split(',')) {
    const text = part.trim();
    // `redis://a,b:7001,c`: hosts after the first may leave the scheme and the credentials out.
    const first = urls[0] === undefined ? undefined : new URL(urls[0]);
    const credentials = first?.username || first?.password ? `${first.username}:${first.password}@` : '';
    const url = /^rediss?:\/\//.test(text) ? text : `${first?.protocol ?? 'redis:'}//${credentials}${text}`;
    if (!/^rediss?:\/\/[^/]+(\/\d*)?$/.test(url) || !URL.canParse(url)) {
      throw new ConfigError('REDIS_URL', withoutPassword(value), allowed);
    }
    urls.push(url);
  }
  if (urls.length > 1 && urls.some((url) => !['', '/', '/0'].includes(new URL(url).pathname))) {
    throw new ConfigError('REDIS_URL', withoutPassword(value), `${allowed}; Redis Cluster has no database but 0`);
  }
  return urls;
}

function readMongodbUrl(env: Env): string | undefined {
  const value = readText(env, 'MONGODB_URL', '');
  if (value === '') return undefined;
  if (!/^mongodb(\+srv)?:\/\/[^/]+/.test(value)) {
    throw new ConfigError('MONGODB_URL', withoutPassword(value), 'mongodb://[user:password@]host[:port][/database]');
  }
  return value;
}

/** For what people read. */
export function withoutPassword(url: string): string {
  return url.replaceAll(/:[^:@/,]*@/g, ':***@');
}
