import { fileURLToPath } from 'node:url';
import { ConfigError } from '../../config/config-error.ts';
import { limitHeapGrowth } from '../../config/limit-heap-growth.ts';
import { isOpenOnLoopback } from './access/require-reader.ts';
import { benchEnvironment } from './bench/bench-environment.ts';
import { readDashboardConfig } from './config.ts';
import { dashboardLog } from './dashboard-log.ts';
import { startDashboardServer } from './dashboard-server.ts';
import { pagesFolder } from './http/pages.ts';

limitHeapGrowth();

const stopped = new AbortController();
const stop = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopped.abort();
    stop.resolve();
  });
}

try {
  const config = readDashboardConfig(process.env);
  await using server = await startDashboardServer({
    config,
    pagesFolder,
    benchCommand: [fileURLToPath(new URL('../../bench/main.ts', import.meta.url)), '--quick'],
    benchEnv: benchEnvironment(process.env),
    signal: stopped.signal,
  });
  dashboardLog.info({ pid: process.pid }, `Dashboard listens on http://localhost:${server.port}`);
  if (isOpenOnLoopback(config.tokens)) {
    dashboardLog.info(
      'READ_TOKEN is not set: the vote log can be read on this machine; elsewhere an admin token is required',
    );
  }
  await stop.promise;
} catch (error) {
  // Stopping before Redis was reachable is not an error.
  if (!stopped.signal.aborted) {
    if (error instanceof ConfigError) dashboardLog.fatal(error.message);
    else dashboardLog.fatal({ error }, 'Cannot start');
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
