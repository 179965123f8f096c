import { join } from 'node:path';
import type { Needs } from './needs.ts';
import type { Program } from './programs.ts';
import { sourceClosure } from './source-closure.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What installs and looks up programs names all of them. */
const OWN = join(ROOT, 'tools/test/');

/** Programs of a package that have other names than the package. */
const ALSO_NAMED: Partial<Record<Program, string>> = { prometheus: 'promtool' };

/** The needs of these test files alone, by what they and their imports name. */
export function narrowNeeds(needs: Needs, files: readonly string[]): Needs {
  const closure = sourceClosure(files);
  const texts = [...closure].filter(([file]) => !file.startsWith(OWN)).map(([, text]) => text);
  const names = (name: string) => texts.some((text) => text.includes(`'${name}'`));
  const imports = (file: string) => closure.has(join(ROOT, file));
  const isRun = names('node:child_process') || names('node:worker_threads');
  const { build, programs, optionalPrograms, mongo, goTools, pythonTools } = needs;
  return {
    // Processes load more than the test imports.
    build: build.filter((artifact) => isRun || (artifact === 'wasm' && imports('wasm/load-module.ts'))),
    programs: programs.filter(
      (program) => isRun && (program !== 'python3' || names(program) || pythonTools?.some(names)),
    ),
    optionalPrograms:
      optionalPrograms?.filter((program) => names(program) || names(ALSO_NAMED[program] ?? program)) ?? [],
    ...(mongo && imports('supervisor/build/mongo-server.ts') && { mongo }),
    goTools: goTools?.filter(names) ?? [],
    pythonTools: pythonTools?.filter(names) ?? [],
  };
}
