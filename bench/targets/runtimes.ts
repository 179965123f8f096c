import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Runtime } from '../runner/variant.ts';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm run edge` gives to Node: every server that is compared runs with it, the bare ones too. */
const EDGE_FLAGS = readEdgeFlags();

function readEdgeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: Record<string, string> };
  return scripts.edge?.split(' ').filter((word) => word.startsWith('--')) ?? [];
}

/** The command that runs a server, a TypeScript file of this repository on a runtime; undefined where it is not installed. */
export function runtimeCommand(runtime: Runtime, file: string): readonly string[] | undefined {
  if (runtime === 'node') return [process.execPath, ...EDGE_FLAGS, `${ROOT}/${file}`];
  const program = findProgram(runtime);
  if (program === undefined) return undefined;
  return runtime === 'bun' ? [program, 'run', `${ROOT}/${file}`] : [program, 'run', '-A', '-q', `${ROOT}/${file}`];
}

/** A runtime's version; undefined where it is not installed. */
export function runtimeVersion(runtime: Runtime): string | undefined {
  if (runtime === 'node') return process.version.slice(1);
  const program = findProgram(runtime);
  if (program === undefined) return undefined;
  return /\d+\.\d+\.\d+/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)?.[0];
}

const found = new Map<string, string | undefined>();

/** The program itself, from this package or from PATH: a script that starts it would hide its process from us. */
function findProgram(name: 'bun' | 'deno'): string | undefined {
  if (!found.has(name)) {
    const candidates = [`${ROOT}/node_modules/.bin/${name}`, name];
    const works = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
    found.set(name, candidates.find(works));
  }
  return found.get(name);
}
