import { createHash, randomBytes } from 'node:crypto';
import { ConfigError } from '../../config/config-error.ts';
import type { StoreConfig } from '../../config/store-config.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { requireVersion } from '../redis/required-version.ts';
import { clusterKey, epochKey, LOG_GROUP, streamKey, TALLY_GROUP } from './keys.ts';

/** What is fixed at the first start of a deployment and kept in Redis. */
export interface ClusterSettings {
  readonly partitions: number;
  /** What voter keys and receipts are derived from. */
  readonly secret: Buffer;
}

const DEFAULT_PARTITIONS = 4;

/**
 * Reads the settings; the first process of a deployment writes them.
 *
 * @throws {ConfigError} where PARTITIONS or SECRET is set to something else than at first start, or Redis is too old
 */
export async function openClusterSettings(
  redis: Redis,
  config: Pick<StoreConfig, 'partitions' | 'secret'>,
): Promise<ClusterSettings> {
  await requireVersion(redis, clusterKey);
  const partitions = await openPartitions(redis, config);
  // Where SECRET is set, Redis holds its fingerprint alone.
  const fingerprint = (secret: string) => createHash('sha256').update(`votewire secret ${secret}`).digest('base64url');
  const made = randomBytes(32).toString('base64url');
  const kept = await fix(redis, 'secret', config.secret === undefined ? made : `sha256:${fingerprint(config.secret)}`);
  if (config.secret === undefined) {
    if (kept.startsWith('sha256:')) {
      throw ConfigError.invalid(
        'SECRET',
        undefined,
        "the one of this deployment's first start: voters are known by a hash under it",
      );
    }
    return { partitions, secret: Buffer.from(kept) };
  }
  if (kept !== config.secret && kept !== `sha256:${fingerprint(config.secret)}`) {
    throw ConfigError.invalid(
      'SECRET',
      undefined,
      "the one of this deployment's first start: under another one every voter could vote once more",
    );
  }
  return { partitions, secret: Buffer.from(config.secret) };
}

/**
 * How many partitions this deployment has; for tools that need no secret.
 *
 * @throws {ConfigError} where PARTITIONS is set to something else than at first start
 */
export async function openPartitions(redis: Redis, config: Pick<StoreConfig, 'partitions'>): Promise<number> {
  const partitions = Number(await fix(redis, 'partitions', `${config.partitions ?? DEFAULT_PARTITIONS}`));
  if (config.partitions === undefined || config.partitions === partitions) return partitions;
  throw ConfigError.invalid(
    'PARTITIONS',
    `${config.partitions}`,
    `${partitions}, as at this deployment's first start (it decides where each voter's votes are); unset it, or start with an empty Redis`,
  );
}

/** The value that the field had first, which is this one where it had none. */
async function fix(redis: Redis, field: string, value: string): Promise<string> {
  await redis.send(clusterKey, ['HSETNX', clusterKey, field, value]);
  return (await redis.send(clusterKey, ['HGET', clusterKey, field], nullable(parseText))) ?? value;
}

/**
 * Makes the partition's stream, its two groups and its epoch where they are not there yet, and returns the epoch.
 * Called at start, and again when Redis answers NOGROUP: the stream was lost, and the next one has another epoch.
 */
export async function ensurePartition(redis: Redis, partition: number): Promise<string> {
  const stream = streamKey(partition);
  for (const group of [TALLY_GROUP, LOG_GROUP]) {
    try {
      // From 0, never from `$`: an edge may have written before the first consumer came.
      await redis.send(stream, ['XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM']);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
    }
  }
  const key = epochKey(partition);
  await redis.send(key, ['SET', key, randomBytes(6).toString('base64url'), 'NX']);
  return (await redis.send(key, ['GET', key], nullable(parseText))) ?? '';
}
