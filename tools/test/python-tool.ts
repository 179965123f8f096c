import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs from PyPI that tests run, pinned so that runs stay comparable. */
const PACKAGES = { 'kubernetes-validate': 'kubernetes-validate==1.37.0' } as const;

/** Run as modules, because the programs' first lines contain the temporary folder of the installation. */
const MODULES: Readonly<Record<PythonTool, string>> = { 'kubernetes-validate': 'kubernetes_validate' };

export type PythonTool = keyof typeof PACKAGES;

/** Installs the program into a virtual environment in the user's cache folder. Returns the reason if that fails. */
export function ensurePythonTool(tool: PythonTool): string | undefined {
  if (existsSync(pythonOf(tool))) return undefined;
  console.log(`Installing ${PACKAGES[tool]} once.`);
  const making = `${folderOf(tool)}-${process.pid}`;
  const pip = [join(making, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  for (const command of [
    ['python3', '-m', 'venv', making],
    [...pip, PACKAGES[tool]],
  ]) {
    const [program = '', ...args] = command;
    const run = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 });
    if (run.status !== 0) {
      rmSync(making, { recursive: true, force: true });
      return `${command.join(' ')} failed: ${(run.stderr ?? run.error?.message ?? '').trim().slice(-300)}`;
    }
  }
  try {
    renameSync(making, folderOf(tool));
  } catch {
    // Another run has installed it in the meantime.
    rmSync(making, { recursive: true, force: true });
  }
  return undefined;
}

/** The command that runs the program; undefined if it is not installed. */
export function findPythonTool(tool: PythonTool): readonly [string, ...string[]] | undefined {
  return existsSync(pythonOf(tool)) ? [pythonOf(tool), '-m', MODULES[tool]] : undefined;
}

function pythonOf(tool: PythonTool): string {
  return join(folderOf(tool), 'bin/python');
}

function folderOf(tool: PythonTool): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'votewire', `${tool}-venv`);
}
