import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Pinned, so that test results do not change with its releases. */
const GRPCIO = 'grpcio==1.85.3';
const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/votewire/grpcio-1.85.3');

/** A virtual environment that the tests of examples/python keep from run to run. */
export const examplesVenv = join(import.meta.dirname, '../../node_modules/.cache/votewire/examples-python');

/** A Python that has grpcio, from a virtual environment below node_modules that is created once. */
export function ensureGrpcio(): { ok: true; python: string } | { ok: false; reason: string } {
  const python = join(FOLDER, 'bin/python');
  if (existsSync(python)) return { ok: true, python };
  const run = (program: string, args: string[]) => spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 });
  const created = run('python3', ['-m', 'venv', FOLDER]);
  if (created.status !== 0) return { ok: false, reason: 'python3 -m venv does not work here' };
  const installed = run(join(FOLDER, 'bin/pip'), ['install', '--quiet', GRPCIO]);
  if (installed.status === 0) return { ok: true, python };
  rmSync(FOLDER, { recursive: true, force: true });
  return { ok: false, reason: `pip install ${GRPCIO} failed: ${installed.stderr.trim().slice(-200)}` };
}
