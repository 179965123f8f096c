import { ConfigError } from '../../config/config-error.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { listOf, parseArray, parseInteger, parseText, tupleOf } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import type { ProducerConfig } from '../config.ts';

/** The confirmation required beyond the reply to XADD before a vote is acknowledged. */
export interface Durability {
  /**
   * Resolves to undefined once all writes on this connection are as durable as configured, else to a description of
   * what is missing. WAIT covers only the writes of its own connection. Undefined: the reply to XADD is enough.
   */
  readonly confirm: ((redis: Redis, key: string) => Promise<string | undefined>) | undefined;
}

/**
 * Determines how this server provides the requested DURABILITY.
 *
 * @throws {ConfigError} if it cannot
 */
export async function openDurability(redis: Redis, config: ProducerConfig): Promise<Durability> {
  if (config.durability === 'memory') return { confirm: undefined };
  // The answer must arrive before the write times out.
  const timeoutMs = Math.max(50, config.writeTimeoutMs - 100);
  if (config.durability === 'replica') return { confirm: (at, key) => waitForReplicas(at, key, config, timeoutMs) };
  if (await hasCommand(redis, 'WAITAOF')) return { confirm: (at, key) => waitForDisk(at, key, timeoutMs) };
  if (await syncsEachWrite(redis)) return { confirm: undefined };
  throw ConfigError.invalid(
    'DURABILITY',
    'fsync',
    'memory or replica with this Redis: fsync needs WAITAOF (Redis 7.2 or later), or `appendonly yes` with `appendfsync always`',
  );
}

async function waitForReplicas(redis: Redis, key: string, config: ProducerConfig, timeoutMs: number) {
  const { minReplicas } = config;
  const confirmed = await redis.send(key, ['WAIT', `${minReplicas}`, `${timeoutMs}`], parseInteger);
  return confirmed >= minReplicas
    ? undefined
    : `${confirmed} of ${minReplicas} replicas confirmed within ${timeoutMs} ms`;
}

async function waitForDisk(redis: Redis, key: string, timeoutMs: number) {
  const [local] = await redis.send(key, ['WAITAOF', '1', '0', `${timeoutMs}`], tupleOf(parseInteger, parseInteger));
  return local >= 1 ? undefined : `the append-only file was not synced within ${timeoutMs} ms`;
}

async function hasCommand(redis: Redis, name: string): Promise<boolean> {
  const [info] = await redis.send(streamKey(0), ['COMMAND', 'INFO', name], parseArray);
  return info !== null && info !== undefined;
}

/** Whether Redis replies only after the write is on disk. */
async function syncsEachWrite(redis: Redis): Promise<boolean> {
  const setting = async (name: string) =>
    (await redis.send(streamKey(0), ['CONFIG', 'GET', name], listOf(parseText)))[1];
  return (await setting('appendonly')) === 'yes' && (await setting('appendfsync')) === 'always';
}
