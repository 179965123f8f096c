import { realpathSync } from 'node:fs';
import { type Env, isSet } from '../../config/env.ts';
import { redactPasswords } from '../../config/secrets/redact-passwords.ts';
import { readStoreConfig } from '../../config/store-config.ts';
import { ownRedisDir, readEmbeddedRedisUrl } from './embedded-redis-url.ts';
import { openRedis, type Redis } from './redis.ts';
import { listOf, parseText } from './replies.ts';

const ANSWER_MS = 5000;

/**
 * Connects a command to REDIS_URL, else to the Redis that `npm start` runs for DATA_DIR, else to the default address.
 *
 * @throws {Error} if it does not answer in time, or is not the one that `npm start` ran
 */
export async function openCommandRedis(env: Env, name: string): Promise<Redis> {
  const { redisUrls, dataDir } = readStoreConfig(env);
  const own = isSet(env, 'REDIS_URL') ? undefined : readEmbeddedRedisUrl(dataDir);
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(await openAnswering(own === undefined ? redisUrls : [own], name));
  if (own !== undefined && !(await worksIn(redis, ownRedisDir(dataDir)))) {
    throw new Error(
      `The Redis at ${own} is not the one that npm start ran for DATA_DIR=${dataDir}. Run npm start again, or set REDIS_URL.`,
    );
  }
  opened.move();
  return redis;
}

async function openAnswering(urls: readonly string[], name: string): Promise<Redis> {
  let reason = 'no answer';
  const onError = (error: Error) => {
    reason = error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
  };
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ cluster: 'detect', urls, name, onError }));
  try {
    await redis.whenReady(AbortSignal.timeout(ANSWER_MS));
  } catch {
    // The timeout is not the cause; the connection's error is.
    throw new Error(
      `REDIS_URL=${redactPasswords(urls.join(','))} does not answer: ${reason}. ` +
        'Start that Redis, or everything with npm start, or set REDIS_URL to the Redis that has the votes.',
    );
  }
  opened.move();
  return redis;
}

/** A killed supervisor leaves its address file behind, and another Redis may now use the port. */
async function worksIn(redis: Redis, dir: string): Promise<boolean> {
  const [, working] = await redis.send(undefined, ['CONFIG', 'GET', 'dir'], listOf(parseText));
  try {
    return working === realpathSync(dir);
  } catch {
    // The folder does not exist, so this Redis cannot be the one that used it.
    return false;
  }
}
