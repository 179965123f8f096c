import { spawnSync } from 'node:child_process';

/** Programs that tests run, with the Debian packages that install them. */
const PACKAGES = {
  'redis-server': ['redis-server'],
  chromium: ['chromium', 'fonts-dejavu-core'],
  python3: ['python3', 'python3-venv'],
  h2load: ['nghttp2-client'],
  nginx: ['nginx-light'],
  haproxy: ['haproxy'],
  prometheus: ['prometheus'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Program = keyof typeof PACKAGES;

/**
 * Installs missing programs with apt-get if this process is root on Debian or Ubuntu. Returns what is still missing.
 */
export function installMissing(programs: readonly Program[]): string[] {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0 && process.getuid?.() === 0 && isOnPath('apt-get')) {
    const packages = missing.flatMap((program) => PACKAGES[program]);
    console.log(`Installing ${packages.join(', ')} with apt-get.`);
    runApt(['update', '-qq']);
    runApt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
  return missing.filter((program) => !isOnPath(program)).map((program) => `${program}: it is not on PATH`);
}

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function runApt(args: string[]): void {
  // RUNLEVEL=1 keeps an installed server from starting as a service on a port that the tests or a user need.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}
