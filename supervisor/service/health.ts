import { readInteger } from '../../config/env.ts';

/**
 * The image's health check: whether the part in this container is ready. It asks `/readyz` on HEALTH_PORT, else on the
 * port that the edge listens on.
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
  // Not up yet, or hanging: either way not healthy.
  console.log(`port ${port}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
