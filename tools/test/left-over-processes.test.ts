import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { findLeftOvers, TEST_RUN_VARIABLE } from './left-over-processes.ts';

test('a process of the run is found while it lives, and no other', {
  skip: !existsSync('/proc') && 'no /proc',
}, async () => {
  const run = randomUUID();
  const own = spawn('sleep', ['60'], { env: { ...process.env, [TEST_RUN_VARIABLE]: run }, detached: true });
  const other = spawn('sleep', ['60'], { env: { ...process.env, [TEST_RUN_VARIABLE]: randomUUID() } });
  try {
    await Promise.all([once(own, 'spawn'), once(other, 'spawn')]);
    assert.deepEqual(findLeftOvers(run, '/nowhere'), [{ pid: own.pid, command: 'sleep 60' }]);
  } finally {
    const gone = [once(own, 'exit'), once(other, 'exit')];
    own.kill('SIGKILL');
    other.kill('SIGKILL');
    await Promise.all(gone);
  }
  assert.deepEqual(findLeftOvers(run, '/nowhere'), []);
});

test('a Redis, which writes its title over its environment, is found by its folder', {
  skip: !existsSync('/proc') && 'no /proc',
}, async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-left-over-')));
  try {
    await using redis = await startRedisServer({ dir: join(folder, 'redis') });
    assert.deepEqual(
      findLeftOvers(randomUUID(), folder).map(({ pid }) => pid),
      [redis.process.pid],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
