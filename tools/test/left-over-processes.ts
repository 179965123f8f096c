import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Set by the test command; every process that a test starts inherits it, so a left-over one can be told from others. */
export const TEST_RUN_VARIABLE = 'VOTEWIRE_TEST_RUN';

/**
 * Processes of this test run that still live. Linux; elsewhere none are found.
 *
 * @param run value of TEST_RUN_VARIABLE
 * @param folder the run's folder of temporary files: a program that writes its title over its environment, as Redis
 *   does, is known by the folder that it works in
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
    // No /proc on this system.
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended meanwhile, or belongs to somebody else.
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // As above.
    return '';
  }
}
