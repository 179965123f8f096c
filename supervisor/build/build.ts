import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Something that is built before it can run. */
interface Artefact {
  readonly name: string;
  /** The npm script that builds it. */
  readonly script: string;
  /** Files or folders that it is built from. */
  readonly sources: readonly string[];
  /** A file that the build writes. */
  readonly output: string;
}

const ARTEFACTS = {
  wasm: {
    name: 'WebAssembly codec',
    script: 'build:wasm',
    // Not the lock file: the script has its own idea of what is newer, and would leave the output as it is.
    sources: ['wasm/assembly'],
    output: 'wasm/build/codec.wasm',
  },
  web: {
    name: 'dashboard pages',
    script: 'build:web',
    sources: ['dashboard/web', 'dashboard/api.ts', 'package-lock.json'],
    output: 'dashboard/web/dist/index.html',
  },
} satisfies Record<string, Artefact>;

export type ArtefactName = keyof typeof ARTEFACTS;

export interface BuildOptions {
  /** Default: all of them. */
  readonly only?: readonly ArtefactName[];
  readonly onLine: (line: string) => void;
  /** The checkout; default: this one. */
  readonly root?: string;
}

/**
 * Builds what is not there or is older than what it is built from.
 *
 * @throws {Error} where a build fails, with what it printed
 */
export async function build(options: BuildOptions): Promise<void> {
  const root = options.root ?? join(import.meta.dirname, '../..');
  for (const [key, artefact] of Object.entries(ARTEFACTS)) {
    if (options.only !== undefined && !options.only.some((name) => name === key)) continue;
    if (isUpToDate(root, artefact)) continue;
    options.onLine(`Building the ${artefact.name} (npm run ${artefact.script})`);
    await runScript(root, artefact);
  }
}

function isUpToDate(root: string, { sources, output }: Artefact): boolean {
  const built = join(root, output);
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return sources.every((source) => newest(join(root, source)) <= builtAt);
}

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => (name === 'dist' ? 0 : newest(join(path, name)))));
}

async function runScript(root: string, { name, script }: Artefact): Promise<void> {
  const child = spawn('npm', ['run', '--silent', script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`Building the ${name} failed (npm run ${script}):\n${lines.slice(-30).join('\n')}`);
}
