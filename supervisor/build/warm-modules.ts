import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Loads the modules of every service once, so that NODE_COMPILE_CACHE holds them compiled and without types: a third less
 * time from start to first vote and 25 MB less memory. Node writes the cache when a process ends by itself, and a service
 * loads all its modules before it rejects this port.
 */
const INVALID_PORT = { PORT: 'none', CONSUMER_PORT: 'none', DASHBOARD_PORT: 'none' };

for (const service of ['edge/main.ts', 'consumer/main.ts', 'dashboard/server/main.ts']) {
  const script = fileURLToPath(new URL(`../../${service}`, import.meta.url));
  // Log drivers are loaded on demand; preloading caches both.
  const logs = ['mongo/mongo-log.ts', 'sqlite/sqlite-log.ts'].map(
    (name) => new URL(`../../store/log/${name}`, import.meta.url).href,
  );
  const args = [...logs.flatMap((log) => ['--import', log]), script];
  const env = { ...process.env, ...INVALID_PORT };
  const { stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
  if (!/got \\?"none/.test(stdout + stderr)) {
    console.error(`${service} did not reach its configuration:\n${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
