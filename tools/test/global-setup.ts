import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLeftOvers, TEST_RUN_VARIABLE } from './left-over-processes.ts';

/**
 * Marks every process of the test run, and fails the run if one outlives it.
 *
 * Temporary files go into a folder of the run's own: it is how a process that overwrites its environment is recognized.
 */
export default function setup(): () => void {
  // Runs once for each project; the first call serves all of them.
  if (process.env[TEST_RUN_VARIABLE] !== undefined) return () => undefined;
  const run = randomUUID();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-tests-')));
  process.env[TEST_RUN_VARIABLE] = run;
  process.env.TMPDIR = folder;
  return () => {
    // Vitest's own watchdog ends after this.
    const leftOvers = findLeftOvers(run, folder).filter(({ command }) => !command.startsWith('vitest'));
    for (const { pid, command } of leftOvers) {
      console.error(`A test left this process behind; it is ended now: ${pid} ${command}`);
      process.kill(pid, 'SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
    if (leftOvers.length > 0) throw new Error(`${leftOvers.length} processes were left behind`);
  };
}
