import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Loads the modules of every service once to fill NODE_COMPILE_CACHE with compiled code without types, which saves a
 * third of the time from start to first vote and 25 MB of memory. Node writes the cache when a process exits normally;
 * each service loads all its modules and then exits because this port is invalid.
 */
const INVALID_PORT = { PORT: 'none', CONSUMER_PORT: 'none', DASHBOARD_PORT: 'none' };

for (const service of ['edge/main.ts', 'consumer/main.ts', 'dashboard/server/main.ts']) {
  const script = fileURLToPath(new URL(`../../${service}`, import.meta.url));
  // Services load their log driver on demand; importing both here adds them to the cache.
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
