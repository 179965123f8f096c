import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStartConfig } from './config.ts';
import { startSystem } from './running-system.ts';

test('a stop requested just before the services start takes effect', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'votewire-running-'));
  try {
    const config = await readStartConfig({
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      PORT: '0',
      DASHBOARD_PORT: '0',
      REDIS_PORT: '0',
    });
    const stop = new AbortController();
    const activities: string[] = [];
    const lines: string[] = [];
    const start = startSystem(config, {
      onLine: (_service, line) => lines.push(line),
      onActivity: (activity) => {
        activities.push(activity);
        if (activity === 'starting the services') stop.abort();
      },
      signal: stop.signal,
    });
    await expect(start.then((system) => system.stop())).rejects.toMatchObject({ name: 'AbortError' });
    expect(activities.at(-1)).toBe('starting the services');
    expect(lines).toStrictEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
