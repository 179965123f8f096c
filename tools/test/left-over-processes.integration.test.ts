import { spawn } from 'node:child_process';
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
  'a process of the run is found while it lives, and no other',
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
  'a Redis, which writes its title over its environment, is found by its folder',
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
