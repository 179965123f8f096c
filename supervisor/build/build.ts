import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A file that must be built before the system can run. */
interface Artifact {
  readonly name: string;
  /** The npm script that builds it. */
  readonly script: string;
  /** Source files or folders. */
  readonly sources: readonly string[];
  /** A file written by the build. */
  readonly output: string;
}

const ARTIFACTS = {
  wasm: {
    name: 'WebAssembly codec',
    script: 'build:wasm',
    // Sources exclude the lock file: after a change of it, the script would find the output up to date and not touch
    // it.
    sources: ['wasm/assembly'],
    output: 'wasm/build/codec.wasm',
  },
  web: {
    name: 'dashboard pages',
    script: 'build:web',
    sources: ['dashboard/web', 'dashboard/api', 'package-lock.json'],
    output: 'dashboard/web/dist/index.html',
  },
} satisfies Record<string, Artifact>;

export type ArtifactName = keyof typeof ARTIFACTS;

interface BuildOptions {
  /** Default: all. */
  readonly only?: readonly ArtifactName[];
  readonly onLine: (line: string) => void;
  /** Root of the checkout; default: this one. */
  readonly root?: string;
}

/**
 * Builds artifacts that are missing or older than their sources.
 *
 * @throws {Error} if a build fails, with its output
 */
export async function build(options: BuildOptions): Promise<void> {
  const root = options.root ?? join(import.meta.dirname, '../..');
  for (const [key, artifact] of Object.entries(ARTIFACTS)) {
    if (options.only !== undefined && !options.only.some((name) => name === key)) continue;
    if (isUpToDate(root, artifact)) continue;
    options.onLine(`Building the ${artifact.name} (npm run ${artifact.script})`);
    await runScript(root, artifact);
  }
}

function isUpToDate(root: string, { sources, output }: Artifact): boolean {
  const built = join(root, output);
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return sources.every((source) => modifiedAt(join(root, source)) <= builtAt);
}

function modifiedAt(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => (name === 'dist' ? 0 : modifiedAt(join(path, name)))));
}

async function runScript(root: string, { name, script }: Artifact): Promise<void> {
  const child = spawn('npm', ['run', '--silent', script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`Building the ${name} failed (npm run ${script}):\n${lines.slice(-30).join('\n')}`);
}
