import { createHash, randomBytes } from 'node:crypto';
import { ConfigError } from '../../config/config-error.ts';
import type { StoreConfig } from '../../config/store-config.ts';
import { logHasVotes } from '../log/has-votes.ts';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { oneOf, parseInteger, parseText, recordOf, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { checkRedis } from '../redis/start/check-redis.ts';
import { clusterKey, settingsChannel } from '../streams/keys.ts';
import { checkRedisSchema, REDIS_SCHEMA } from './redis-schema.ts';

/** Fixed at the first start of a deployment, and stored in Redis. */
export interface DeploymentSettings {
  readonly partitions: number;
  /** The key of voter keys and receipts. */
  readonly secret: Buffer;
  /** The field `secret` as stored: the secret itself, or its fingerprint if SECRET is set. */
  readonly storedSecret: string;
  /** When the deployment began, in milliseconds since 1970; 0 if an earlier version created it. */
  readonly created: number;
}

type SettingsConfig = Pick<StoreConfig, 'partitions' | 'secret'> &
  Partial<Pick<StoreConfig, 'mongodbUrl' | 'dataDir' | 'redisEviction'>>;

const DEFAULT_PARTITIONS = 4;
const restoreScript = new LuaScript(new URL('./restore-settings.lua', import.meta.url));

/**
 * Reads the settings; the first process of a deployment writes them. Without SECRET, that creates a secret, unless
 * there is evidence that Redis lost the settings of a running deployment: another process that has them, or votes in
 * the log. A second secret would let every voter vote once more.
 *
 * @throws {ConfigError} if PARTITIONS or SECRET differ from the first start, Redis is too old, or its data too new
 * @throws {Error} if the settings are lost; retrying succeeds once another process wrote them back
 */
export async function openSettings(redis: Redis, config: SettingsConfig): Promise<DeploymentSettings> {
  await checkRedis(redis, clusterKey, { allowEviction: config.redisEviction === 'allow' });
  const stored = await readStored(redis);
  checkRedisSchema(stored.schema);
  if (stored.secret === undefined && config.secret === undefined) await refuseSecondSecret(redis, config);
  const created = `${Math.floor(await readRedisTime(redis, clusterKey))}`;
  const made = randomBytes(32).toString('base64url');
  const wanted = {
    partitions: `${config.partitions ?? DEFAULT_PARTITIONS}`,
    secret: config.secret === undefined ? made : fingerprint(config.secret),
    ...(stored.secret === undefined && { created }),
  };
  for (const [field, value] of Object.entries(wanted)) {
    await redis.send(clusterKey, ['HSETNX', clusterKey, field, value]);
  }
  const fixed = await readStored(redis);
  const storedSecret = fixed.secret ?? wanted.secret;
  return {
    partitions: checkPartitions(Number(fixed.partitions ?? wanted.partitions), config),
    secret: checkSecret(storedSecret, config.secret),
    storedSecret,
    created: Number(fixed.created ?? 0),
  };
}

/**
 * The number of partitions of this deployment, for tools that need no secret.
 *
 * @throws {ConfigError} if PARTITIONS differs from the first start, or the data needs a newer Votewire
 */
export async function openPartitions(redis: Redis, config: Pick<StoreConfig, 'partitions'>): Promise<number> {
  checkRedisSchema((await readStored(redis)).schema);
  const wanted = `${config.partitions ?? DEFAULT_PARTITIONS}`;
  await redis.send(clusterKey, ['HSETNX', clusterKey, 'partitions', wanted]);
  const { partitions = wanted } = await readStored(redis);
  return checkPartitions(Number(partitions), config);
}

/**
 * Writes the settings back if Redis lost them. `other`: an older deployment has its settings there. `newer`: the data
 * needs a newer Votewire by now.
 */
export function restoreSettings(
  redis: Redis,
  settings: DeploymentSettings,
): Promise<'same' | 'written' | 'other' | 'newer'> {
  const { partitions, storedSecret, created } = settings;
  const args = [`${partitions}`, storedSecret, `${created}`, `${REDIS_SCHEMA}`];
  return restoreScript.run(redis, [clusterKey], args, oneOf(['same', 'written', 'other', 'newer']));
}

/** Subscribes a process that has the settings; `onAsked` is called when another process misses them. */
export function followSettings(redis: Redis, onAsked: () => void): Promise<void> {
  return redis.subscribe([settingsChannel], onAsked);
}

/** @throws {Error} if another process has the settings, or the log has votes of an earlier deployment */
async function refuseSecondSecret(redis: Redis, config: SettingsConfig): Promise<void> {
  const parse = tupleOf(parseText, parseInteger);
  const [, siblings] = await redis.send(undefined, ['PUBSUB', 'NUMSUB', settingsChannel], parse);
  if (siblings > 0) {
    await redis.send(undefined, ['PUBLISH', settingsChannel, 'missing']);
    throw new Error('Redis has lost the settings; waiting for a running process to write them back');
  }
  const { mongodbUrl, dataDir } = config;
  if (dataDir === undefined || !(await logHasVotes({ mongodbUrl, dataDir }))) return;
  throw new Error(
    'Redis has no settings, but the log has votes: Redis was lost, and the secret of those votes with it. Start a ' +
      'process that still has it, or restore Redis. To go on with a new secret, under which voters may vote once more, ' +
      'set SECRET.',
  );
}

interface StoredSettings {
  readonly partitions?: string;
  readonly secret?: string;
  readonly created?: string;
  readonly schema?: string;
}

async function readStored(redis: Redis): Promise<StoredSettings> {
  return await redis.send(clusterKey, ['HGETALL', clusterKey], recordOf(parseText));
}

function checkPartitions(partitions: number, config: Pick<StoreConfig, 'partitions'>): number {
  if (config.partitions === undefined || config.partitions === partitions) return partitions;
  throw ConfigError.invalid(
    'PARTITIONS',
    `${config.partitions}`,
    `${partitions}, as at this deployment's first start (it decides where each voter's votes are); unset it, or start with an empty Redis`,
  );
}

function checkSecret(stored: string, secret: string | undefined): Buffer {
  const rule =
    "the secret of this deployment's first start (from SECRET, SECRET_FILE or DATA_DIR/secret): under another one every voter could vote once more";
  if (secret === undefined) {
    if (stored.startsWith('sha256:')) throw ConfigError.invalid('SECRET', undefined, `set to ${rule}`);
    return Buffer.from(stored);
  }
  if (stored !== secret && stored !== fingerprint(secret)) throw ConfigError.invalid('SECRET', undefined, rule);
  return Buffer.from(secret);
}

/** If SECRET is set, Redis stores only this. */
function fingerprint(secret: string): string {
  return `sha256:${createHash('sha256').update(`votewire secret ${secret}`).digest('base64url')}`;
}
