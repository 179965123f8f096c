import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Identifies the test run. Every process that a test starts inherits it. */
export const TEST_RUN_VARIABLE = 'VOTEWIRE_TEST_RUN';
/** The number of processes that the tests left running; set at the end of the run. */
export const LEFT_OVERS_VARIABLE = 'VOTEWIRE_TEST_LEFT_OVERS';

/**
 * Processes of this test run that are still alive. Needs /proc; on other systems it finds none.
 *
 * @param run value of TEST_RUN_VARIABLE
 * @param folder the run's temporary folder: a program that overwrites its environment with its title, such as Redis, is
 *   identified by its working directory
 */
export function findLeftOvers(run: string, folder: string): { pid: number; command: string }[] {
  return readNames('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (name) =>
        readText(`/proc/${name}/environ`).split('\0').includes(`${TEST_RUN_VARIABLE}=${run}`) ||
        readLink(`/proc/${name}/cwd`).startsWith(`${folder}/`),
    )
    .map((name) => ({ pid: Number(name), command: readText(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }));
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // This system has no /proc.
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended, or belongs to another user.
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // The process has ended, or belongs to another user.
    return '';
  }
}
