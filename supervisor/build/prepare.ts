import { ConfigError } from '../../config/config-error.ts';
import { redactPasswords } from '../../config/redact-passwords.ts';
import { readStoreConfig } from '../../config/store-config.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { type ArtefactName, build } from './build.ts';

/**
 * Before `npm run edge | consumer | dashboard`: builds what the part needs (`wasm`, `web`) and, with `redis`, checks
 * that Redis answers, for a person who starts one part by hand wants to know at once. In a container the parts run
 * without this and wait for their Redis.
 */
const words = process.argv.slice(2);

try {
  const only = (['wasm', 'web'] as const).filter((name): name is ArtefactName => words.includes(name));
  await build({ only, onLine: console.log });
  if (words.includes('redis')) await checkRedis();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function checkRedis(): Promise<void> {
  const { redisUrls } = readStoreConfig(process.env);
  let lastError = 'no answer';
  await using redis = openRedis({
    urls: redisUrls,
    name: 'prepare',
    onError: (error) => {
      lastError = error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
    },
  });
  const signal = AbortSignal.timeout(3000);
  try {
    await redis.whenReady(signal);
    await redis.send(undefined, ['PING']);
  } catch {
    // What `whenReady` rejects with says that time is over; the connection's own error says why.
    throw ConfigError.invalid(
      'REDIS_URL',
      process.env.REDIS_URL === undefined || process.env.REDIS_URL === ''
        ? `(unset: ${redisUrls.join(',')})`
        : redactPasswords(redisUrls.join(',')),
      `the address of a Redis that answers (${lastError}). Start everything with npm start, or a Redis of your own with redis-server --appendonly yes`,
    );
  }
}
