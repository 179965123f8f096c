import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { findCycles } from './import-cycles.ts';
import { listSourceFiles } from './source-files.ts';

/** Which rooms a room may import, beside itself. `*`: every one. ARCHITECTURE.md says what lives in each. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  wasm: ['proto'],
  store: ['proto'],
  edge: ['proto', 'wasm', 'store'],
  consumer: ['proto', 'wasm', 'store'],
  dashboard: ['proto', 'store'],
  bench: ['*'],
  start: ['*'],
  tools: ['*'],
  tests: ['*'],
};

/** Rooms that ship in the image, where only `dependencies` are installed. */
const SHIPPED = new Set(['proto', 'wasm', 'store', 'edge', 'consumer', 'dashboard', 'start']);

/** Files of a room that never ship: tests and what they share, generators, builds and the pages, which are bundled. */
const NOT_SHIPPED = /\.(test|case|cases|contract)\.tsx?$|(^|\/)(generate|build)-[^/]*\.ts$|^dashboard\/web\//;

/** Tests and what they share may use the servers that `start/` runs and what crosses rooms in `tests/`. */
const TEST_FILE = /\.(test|case|cases|contract)\.tsx?$/;
const TEST_ROOMS = ['start', 'tests'];

/** Folders that nothing else of their room may reach into: a page must not pull the server into the browser. */
const WALLS = [{ from: /^dashboard\/web\//, to: /^dashboard\/server\// }];

export interface ImportProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Checks every import of the checkout at `root` against the table, and looks for cycles. */
export function checkImports(root: string): ImportProblem[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const shipped = new Set(Object.keys(dependencies));
  const problems: ImportProblem[] = [];
  const graph = new Map<string, string[]>();
  for (const file of listSourceFiles(root)) {
    const imports = readImports(readFileSync(join(root, file), 'utf8'));
    const edges: string[] = [];
    for (const { specifier, line, typeOnly } of imports) {
      const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined;
      // A type alone leaves nothing behind at run time, so it can't close a cycle.
      if (target !== undefined && !typeOnly) edges.push(target);
      const message = target === undefined ? checkPackage(file, specifier, typeOnly, shipped) : checkRoom(file, target);
      if (message !== undefined) problems.push({ file, line, message });
    }
    graph.set(file, edges);
  }
  for (const cycle of findCycles(graph)) {
    problems.push({ file: cycle[0] ?? '', line: 1, message: `import cycle: ${[...cycle, cycle[0]].join(' -> ')}` });
  }
  return problems;
}

function checkRoom(file: string, target: string): string | undefined {
  const from = roomOf(file);
  const to = roomOf(target);
  if (WALLS.some((wall) => wall.from.test(file) && wall.to.test(target))) return `${file} may not import ${target}`;
  if (from === to) return undefined;
  const allowed = ROOMS[from];
  if (allowed === undefined) return `${from}/ is not a room of the import table in tools/import-rules.ts`;
  if (allowed.includes('*') || allowed.includes(to)) return undefined;
  if (TEST_FILE.test(file) && TEST_ROOMS.includes(to)) return undefined;
  return `${from}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}; not ${target}`;
}

function checkPackage(file: string, specifier: string, typeOnly: boolean, shipped: Set<string>): string | undefined {
  if (typeOnly || specifier.startsWith('node:') || !SHIPPED.has(roomOf(file)) || NOT_SHIPPED.test(file))
    return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return shipped.has(name) ? undefined : `${specifier} is not in "dependencies" and would be absent from the image`;
}

function roomOf(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

/** `import … from`, `export … from`, `import '…'` and `import('…')`, as the formatter leaves them. */
const IMPORT = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function readImports(source: string): Import[] {
  return [...source.matchAll(IMPORT)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    line: source.slice(0, match.index).split('\n').length,
    typeOnly: match[1] !== undefined,
  }));
}

if (import.meta.main) {
  const problems = checkImports(process.cwd());
  for (const { file, line, message } of problems) console.error(`${file}:${line}: ${message}`);
  console.log(problems.length === 0 ? 'Imports follow the table; no cycles.' : `${problems.length} imports do not.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
