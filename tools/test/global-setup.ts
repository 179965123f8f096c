import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLeftOvers, LEFT_OVERS_VARIABLE, TEST_RUN_VARIABLE } from './left-over-processes.ts';

/**
 * Marks every process of the test run. A process that outlives its test is killed at the end and fails the run.
 *
 * Temporary files go to a folder of this run, by which a process that overwrites its environment is recognized.
 */
export default function markTestRun(): () => void {
  const run = randomUUID();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-tests-')));
  process.env[TEST_RUN_VARIABLE] = run;
  process.env.TMPDIR = folder;
  return () => {
    // Vitest's own workers exit after this teardown.
    const leftOvers = findLeftOvers(run, folder).filter(({ command }) => !/\bvitest\b/.test(command));
    for (const { pid, command } of leftOvers) {
      console.error(`A test left this process running; killing it: ${pid} ${command}`);
      process.kill(pid, 'SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
    process.env[LEFT_OVERS_VARIABLE] = `${leftOvers.length}`;
    if (leftOvers.length > 0) throw new Error(`Processes left running by tests: ${leftOvers.length}`);
  };
}
