import { spawnSync } from 'node:child_process';

/** The reason to skip a test that runs `program`; false if it is on PATH. */
export function lacks(program: string): string | false {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
  return found ? false : `${program} is not installed`;
}
