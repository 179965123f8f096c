import { realpathSync } from 'node:fs';
import { type Env, isSet } from '../../config/env.ts';
import { redactPasswords } from '../../config/redact-passwords.ts';
import { readStoreConfig } from '../../config/store-config.ts';
import { ownRedisDir, readEmbeddedRedisUrl } from './embedded-redis-url.ts';
import { openRedis, type Redis } from './redis.ts';
import { listOf, parseText } from './replies.ts';

const ANSWER_MS = 5000;

/**
 * The Redis that a command of a person works on: REDIS_URL, or else the one that `npm start` runs for DATA_DIR, or else
 * the usual address.
 *
 * @throws {Error} where it does not answer in time, or is not the one that `npm start` ran: a sentence with the remedy
 */
export async function openCommandRedis(env: Env, name: string): Promise<Redis> {
  const { redisUrls, dataDir } = readStoreConfig(env);
  const own = isSet(env, 'REDIS_URL') ? undefined : readEmbeddedRedisUrl(dataDir);
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(await openAnswering(own === undefined ? redisUrls : [own], name));
  if (own !== undefined && !(await worksIn(redis, ownRedisDir(dataDir)))) {
    throw new Error(
      `The Redis at ${own} is not the one that npm start ran for DATA_DIR=${dataDir}. Start that again, or set REDIS_URL.`,
    );
  }
  opened.move();
  return redis;
}

async function openAnswering(urls: readonly string[], name: string): Promise<Redis> {
  let reason = 'it says nothing';
  const onError = (error: Error) => {
    reason = error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
  };
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ urls, name, onError }));
  try {
    await redis.whenReady(AbortSignal.timeout(ANSWER_MS));
  } catch {
    // It rejects because time is over; the connection's own error says why.
    throw new Error(
      `REDIS_URL=${redactPasswords(urls.join(','))} does not answer: ${reason}. ` +
        'Start that Redis, or everything with npm start, or set REDIS_URL to the Redis that holds the votes.',
    );
  }
  opened.move();
  return redis;
}

/** A supervisor that was killed leaves its address behind, and another Redis may have taken the port since. */
async function worksIn(redis: Redis, dir: string): Promise<boolean> {
  const [, working] = await redis.send(undefined, ['CONFIG', 'GET', 'dir'], listOf(parseText));
  try {
    return working === realpathSync(dir);
  } catch {
    // The folder is gone, and nothing that it held is where this address leads.
    return false;
  }
}
