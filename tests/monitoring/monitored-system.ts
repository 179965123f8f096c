import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { scriptChild } from '../support/child.ts';
import { waitFor } from '../support/wait-for.ts';

export interface MonitoredSystem extends AsyncDisposable {
  readonly dir: string;
  readonly edgeUrl: string;
  /** `host:port` of every process by the kind of process: two dashboards, and one of each other kind. */
  readonly targets: Readonly<Record<'edge' | 'consumer' | 'dashboard', readonly string[]>>;
}

/** Starts a complete deployment whose processes all serve `/metrics`. */
export async function startMonitoredSystem(): Promise<MonitoredSystem> {
  await using opened = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'votewire-monitoring-'));
  opened.defer(() => rmSync(dir, { recursive: true, force: true }));
  const redis = opened.use(await startRedisServer({ dir, port: await freePort() }));
  const env = { REDIS_URL: redis.url, DATA_DIR: dir, SECRET: 'a secret of the monitoring tests' };
  const start = async (name: string, script: string, variable: string) => {
    const port = await freePort();
    const child = opened.use(scriptChild(name, script, { ...env, [variable]: `${port}` }));
    child.start();
    const address = `127.0.0.1:${port}`;
    await waitFor(async () => (await fetch(`http://${address}/readyz`).catch(() => undefined))?.ok, {
      what: `${name} is ready`,
      timeoutMs: 30_000,
      orThrow: () => {
        if (!child.running) throw new Error(`${name} ended: ${child.output}`);
      },
    });
    return address;
  };
  const edge = await start('edge', 'edge/main.ts', 'PORT');
  const consumer = await start('consumer', 'consumer/main.ts', 'CONSUMER_PORT');
  const dashboards = [
    await start('dashboard-1', 'dashboard/server/main.ts', 'DASHBOARD_PORT'),
    await start('dashboard-2', 'dashboard/server/main.ts', 'DASHBOARD_PORT'),
  ];
  const resources = opened.move();
  return {
    dir,
    edgeUrl: `http://${edge}`,
    targets: { edge: [edge], consumer: [consumer], dashboard: dashboards },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
