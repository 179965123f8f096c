import { readInteger } from '../../config/env.ts';

/**
 * Health check of the image: whether the service in this container is ready. Asks `/readyz` on HEALTH_PORT, or on PORT
 * if that is unset.
 */
const port = readInteger(process.env, 'HEALTH_PORT', {
  fallback: readInteger(process.env, 'PORT', { fallback: 8080, min: 1, max: 65_535 }),
  min: 1,
  max: 65_535,
});

try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2500) });
  console.log(`${response.status} ${(await response.text()).slice(0, 200)}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  // Not started yet, or stuck.
  console.log(`port ${port}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
