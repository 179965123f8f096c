import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStartConfig } from './config.ts';
import { startSystem } from './running-system.ts';

test('a stop that is asked for just before the parts start is heard', async () => {
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
      onLine: (_part, line) => lines.push(line),
      onActivity: (activity) => {
        activities.push(activity);
        if (activity === 'starting the parts') stop.abort();
      },
      signal: stop.signal,
    });
    await expect(start.then((system) => system.stop())).rejects.toMatchObject({ name: 'AbortError' });
    expect(activities.at(-1)).toBe('starting the parts');
    expect(lines).toStrictEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
