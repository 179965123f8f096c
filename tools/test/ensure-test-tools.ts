import { spawnSync } from 'node:child_process';
import { prepareMongoServer } from '../../supervisor/build/mongo-server.ts';
import { ensureGoTool } from './go-tool.ts';

/** A program that the tests run for real. */
interface TestTool {
  readonly program: string;
  readonly debianPackages: readonly string[];
  /** What is skipped without it. */
  readonly neededFor: string;
}

const TOOLS: readonly TestTool[] = [
  { program: 'redis-server', debianPackages: ['redis-server'], neededFor: 'nearly everything' },
  { program: 'chromium', debianPackages: ['chromium', 'fonts-dejavu-core'], neededFor: 'the browser tests' },
  { program: 'python3', debianPackages: ['python3', 'python3-venv'], neededFor: 'the MongoDB-wire server' },
];

/**
 * Installs what is missing, where we are root on Debian or Ubuntu. Returns what could not be had, a sentence each.
 * `CI=true` makes each of them an error; elsewhere the tests that need them skip and say so.
 */
export function ensureTestTools(): string[] {
  const missing = TOOLS.filter(({ program }) => !isOnPath(program));
  if (missing.length > 0 && canInstall()) {
    const packages = missing.flatMap(({ debianPackages }) => debianPackages);
    console.log(`Installing ${packages.join(', ')} with apt-get.`);
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
  const problems = missing
    .filter(({ program }) => !isOnPath(program))
    .map(({ program, neededFor }) => `${program} is not on PATH; it is needed for ${neededFor}`);
  const mongo = prepareMongoServer();
  if (mongo !== undefined) problems.push(`no server for MongoDB's protocol: ${mongo}`);
  for (const name of ['grpcurl', 'ghz', 'connectconformance'] as const) {
    const tool = ensureGoTool(name);
    if (!tool.ok) console.log(`${tool.reason}; what needs it is skipped.`);
  }
  return problems;
}

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && isOnPath('apt-get');
}

function apt(args: string[]): void {
  // RUNLEVEL=1: installing a server must not start it as a service, on a port that the tests or a user want.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}
