import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { testNeeding } from '../../tests/support/needing.ts';
import { findLeftOvers, TEST_RUN_VARIABLE } from './left-over-processes.ts';

testNeeding(!existsSync('/proc') && 'no /proc')(
  'finds a process of the run while it is alive, and no other process',
  async () => {
    const run = randomUUID();
    const own = spawn('sleep', ['60'], { env: { ...process.env, [TEST_RUN_VARIABLE]: run }, detached: true });
    const other = spawn('sleep', ['60'], { env: { ...process.env, [TEST_RUN_VARIABLE]: randomUUID() } });
    try {
      await Promise.all([once(own, 'spawn'), once(other, 'spawn')]);
      expect(findLeftOvers(run, '/nowhere')).toStrictEqual([{ pid: own.pid, command: 'sleep 60' }]);
    } finally {
      const gone = [once(own, 'exit'), once(other, 'exit')];
      own.kill('SIGKILL');
      other.kill('SIGKILL');
      await Promise.all(gone);
    }
    expect(findLeftOvers(run, '/nowhere')).toStrictEqual([]);
  },
);

testNeeding(!existsSync('/proc') && 'no /proc')(
  'finds Redis by its folder, because Redis overwrites its environment with its title',
  async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-left-over-')));
    try {
      await using redis = await startRedisServer({ dir: join(folder, 'redis') });
      expect(findLeftOvers(randomUUID(), folder).map(({ pid }) => pid)).toStrictEqual([redis.process.pid]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

testNeeding(!existsSync('/proc') && 'no /proc')('a process left running fails the run', () => {
  const config = join(import.meta.dirname, 'testing/leak.config.ts');
  const { [TEST_RUN_VARIABLE]: _, ...env } = process.env;
  const run = spawnSync('vitest', ['run', '--config', config], { encoding: 'utf8', env });
  expect(run.stderr).toMatch(/^A test left this process running; killing it: \d+ sleep 60$/m);
  expect(run.stdout).toMatch(/^1 passed, 1 failed, 0 skipped\n$/m);
  expect(run.status).toBe(1);
});
