import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/votewire');

/** Pinned, so that a new release does not change test results. */
const GRPCIO = 'grpcio==1.85.3';

export type PythonPackage =
  | { readonly ok: true; readonly python: string; readonly bin: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Returns a Python with the package, from a virtual environment below node_modules that is created once.
 *
 * @param pinned for example, `grpcio==1.85.3`
 */
export function ensurePythonPackage(pinned: string): PythonPackage {
  const folder = join(CACHE, pinned.replace('==', '-'));
  const bin = join(folder, 'bin');
  const python = join(bin, 'python');
  if (existsSync(python)) return { ok: true, python, bin };
  const run = (program: string, args: string[]) => spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 });
  const created = run('python3', ['-m', 'venv', folder]);
  if (created.status !== 0) return { ok: false, reason: 'python3 -m venv failed' };
  const installed = run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', pinned]);
  if (installed.status === 0) return { ok: true, python, bin };
  rmSync(folder, { recursive: true, force: true });
  return { ok: false, reason: `pip install ${pinned} failed: ${installed.stderr.trim().slice(-200)}` };
}

export function ensureGrpcio(): PythonPackage {
  return ensurePythonPackage(GRPCIO);
}
