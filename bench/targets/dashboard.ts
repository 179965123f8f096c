import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { EDGE_ENV } from './edge-system.ts';
import { startChild } from './process/child.ts';
import type { Core } from './process/placement.ts';
import { ROOT } from './process/runtimes.ts';

export interface Dashboard extends AsyncDisposable {
  readonly url: string;
}

const START_MS = 15_000;

/**
 * Starts a dashboard on a Redis that an edge uses.
 *
 * @throws {Error} if it does not answer, with its last output
 */
export async function startDashboard(redisUrl: string, dataDir: string, core: Core): Promise<Dashboard> {
  const port = await freePort();
  const command = [process.execPath, `${ROOT}/dashboard/server/main.ts`];
  const env = {
    ...EDGE_ENV,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    MONGODB_URL: '',
    DASHBOARD_PORT: `${port}`,
    DASHBOARD_HOST: '127.0.0.1',
  };
  await using started = new AsyncDisposableStack();
  const child = started.use(await startChild({ command, env, core }));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (Date.now() > deadline || child.process.exitCode !== null) throw new Error(`no dashboard:\n${child.output()}`);
    await delay(50);
  }
  const owned = started.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/api/contests`).then(
    ({ ok }) => ok,
    () => false,
  );
}
