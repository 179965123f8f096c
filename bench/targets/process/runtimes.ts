import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Runtime } from '../../cells/cell.ts';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The Node flags of `npm run edge`, used for every server of the bench. */
const EDGE_FLAGS = readEdgeFlags();

function readEdgeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: Record<string, string> };
  return scripts.edge?.split(' ').filter((word) => word.startsWith('--')) ?? [];
}

/**
 * The command that runs a TypeScript file of this repository, or of another checkout of it.
 *
 * @throws {Error} if the runtime is not installed
 */
export function runtimeCommand(runtime: Runtime, file: string, root = ROOT): readonly string[] {
  if (runtime === 'node') return [process.execPath, ...EDGE_FLAGS, `${root}/${file}`];
  const program = runtime === 'bun' || runtime === 'deno' ? findProgram(runtime) : undefined;
  if (program === undefined) throw new Error(`${runtime} is not installed`);
  return runtime === 'bun' ? [program, 'run', `${root}/${file}`] : [program, 'run', '-A', '-q', `${root}/${file}`];
}

/** Undefined if the runtime is not installed. */
export function runtimeVersion(runtime: 'node' | 'bun' | 'deno'): string | undefined {
  if (runtime === 'node') return process.version.slice(1);
  const program = findProgram(runtime);
  if (program === undefined) return undefined;
  return /\d+\.\d+\.\d+/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)?.[0];
}

const found = new Map<string, string | undefined>();

/** The program itself, from this package or from PATH; a wrapper script would hide its process. */
function findProgram(name: 'bun' | 'deno'): string | undefined {
  if (!found.has(name)) {
    const candidates = [`${ROOT}/node_modules/.bin/${name}`, name];
    const works = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
    found.set(name, candidates.find(works));
  }
  return found.get(name);
}
