import { ConfigError } from '../../config/config-error.ts';
import { redactPasswords } from '../../config/secrets/redact-passwords.ts';
import { readStoreConfig } from '../../config/store-config.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { type ArtifactName, build } from './build.ts';

/**
 * Runs before `npm run edge | consumer | dashboard`: builds what the service needs (`wasm`, `web`) and, with `redis`,
 * checks that Redis answers, so that a developer who starts a service by hand sees the problem at once. In a container,
 * services skip this check and wait for Redis.
 */
const words = process.argv.slice(2);

try {
  const only = (['wasm', 'web'] as const).filter((name): name is ArtifactName => words.includes(name));
  await build({ only, onLine: console.log });
  if (words.includes('redis')) await checkRedis();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
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
    // The rejection only reports the timeout; the connection's own error is the cause.
    throw ConfigError.invalid(
      'REDIS_URL',
      process.env.REDIS_URL === undefined || process.env.REDIS_URL === ''
        ? `(unset: ${redisUrls.join(',')})`
        : redactPasswords(redisUrls.join(',')),
      `the address of a Redis that answers (${lastError}). Start everything with npm start, or a Redis with redis-server --appendonly yes`,
    );
  }
}
