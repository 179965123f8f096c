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

/** Settings that the first start of a deployment fixes, stored in Redis. */
export interface DeploymentSettings {
  readonly partitions: number;
  /** The key from which voter keys and receipts are derived. */
  readonly secret: Buffer;
  /** The stored field `secret`: the secret itself, or its fingerprint if SECRET is set. */
  readonly storedSecret: string;
  /** Start of the deployment in milliseconds since 1970; 0 if an earlier version created it. */
  readonly created: number;
}

type SettingsConfig = Pick<StoreConfig, 'partitions' | 'secret'> &
  Partial<Pick<StoreConfig, 'mongodbUrl' | 'dataDir' | 'redisEviction'>>;

const DEFAULT_PARTITIONS = 4;
const restoreScript = new LuaScript(new URL('./restore-settings.lua', import.meta.url));

/**
 * Reads the settings; the first process of a deployment creates them. If SECRET is not set, this includes a new secret,
 * unless another process has the settings or the log has votes, which means that Redis lost them: a second secret would
 * let every voter vote again.
 *
 * @throws {ConfigError} if PARTITIONS or SECRET differ from the first start, Redis is too old, or its data too new
 * @throws {Error} if the settings are lost; a retry succeeds once another process has written them back
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
 * Writes the settings back if Redis lost them. `other`: Redis has the settings of an older deployment. `newer`: the
 * data now needs a newer Votewire.
 */
export function restoreSettings(
  redis: Redis,
  settings: DeploymentSettings,
): Promise<'same' | 'written' | 'other' | 'newer'> {
  const { partitions, storedSecret, created } = settings;
  const args = [`${partitions}`, storedSecret, `${created}`, `${REDIS_SCHEMA}`];
  return restoreScript.run(redis, [clusterKey], args, oneOf(['same', 'written', 'other', 'newer']));
}

/** Calls `onAsked` when another process reports that Redis has lost the settings. */
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
    'Redis has no settings, but the log has votes: Redis lost its data and the secret of those votes. Start a ' +
      'process that still has the secret, or restore Redis. To continue with a new secret, with which voters can vote again, ' +
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
    `${partitions}, as at the first start of this deployment, because it decides in which partition a voter's votes are; unset it, or start with an empty Redis`,
  );
}

function checkSecret(stored: string, secret: string | undefined): Buffer {
  const rule =
    "the secret of this deployment's first start (from SECRET, SECRET_FILE or DATA_DIR/secret): with another one, every voter could vote again";
  if (secret === undefined) {
    if (stored.startsWith('sha256:')) throw ConfigError.invalid('SECRET', undefined, `set to ${rule}`);
    return Buffer.from(stored);
  }
  if (stored !== secret && stored !== fingerprint(secret)) throw ConfigError.invalid('SECRET', undefined, rule);
  return Buffer.from(secret);
}

/** The value that Redis stores instead of the secret if SECRET is set. */
function fingerprint(secret: string): string {
  return `sha256:${createHash('sha256').update(`votewire secret ${secret}`).digest('base64url')}`;
}
