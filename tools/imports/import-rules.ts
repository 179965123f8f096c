import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { findCycles } from './import-cycles.ts';
import { listSourceFiles } from './source-files.ts';
import { findTestSupport } from './test-support.ts';

/** Which rooms a room may import, beside itself. `*`: every one. ARCHITECTURE.md says what lives in each. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  config: [],
  http: ['proto'],
  wasm: ['proto'],
  log: [],
  store: ['proto', 'config', 'log'],
  edge: ['proto', 'wasm', 'store', 'config', 'http', 'log'],
  consumer: ['proto', 'wasm', 'store', 'config', 'log'],
  dashboard: ['proto', 'store', 'config', 'http', 'log'],
  bench: ['*'],
  cli: ['*'],
  supervisor: ['*'],
  tools: ['*'],
  tests: ['*'],
};

/** Rooms that ship in the image, where only `dependencies` are installed. */
const SHIPPED = new Set([
  'proto',
  'wasm',
  'store',
  'edge',
  'consumer',
  'dashboard',
  'config',
  'http',
  'log',
  'cli',
  'supervisor',
]);

/** Files of a room that never ship: tests and what they share, generators, builds and the pages, which are bundled. */
const NOT_SHIPPED = /\.(test|case|cases|contract)\.tsx?$|(^|\/)(generate|build)-[^/]*\.ts$|^dashboard\/web\//;

/** Tests and what they share may use the servers that `start/` runs, developer tools, and what crosses rooms in `tests/`. */
const TEST_ROOMS = ['supervisor', 'tools', 'tests'];

/** Folders that nothing else of their room may reach into: a page must not pull the server into the browser. */
const WALLS = [{ from: /^dashboard\/web\//, to: /^dashboard\/server\// }];

export interface ImportProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Checks every import of the checkout at `root` against the table, and looks for cycles. */
export function checkImports(root: string): ImportProblem[] {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const imports = listSourceFiles(root).flatMap((file) => readImports(root, file));
  const rules: Rules = {
    dependencies: new Set(Object.keys(JSON.parse(manifest).dependencies)),
    testSupport: findTestSupport(importersOf(imports, manifest), neverShips),
  };
  const problems = imports.flatMap((one) => {
    const message = one.target === undefined ? checkPackage(one, rules) : checkRoom(one.file, one.target, rules);
    return message === undefined ? [] : [{ file: one.file, line: one.line, message }];
  });
  for (const cycle of findCycles(graphOf(imports))) {
    problems.push({ file: cycle[0] ?? '', line: 1, message: `import cycle: ${[...cycle, cycle[0]].join(' -> ')}` });
  }
  return problems;
}

interface Rules {
  readonly dependencies: ReadonlySet<string>;
  readonly testSupport: ReadonlySet<string>;
}

function neverShips(file: string): boolean {
  return !SHIPPED.has(roomOf(file)) || NOT_SHIPPED.test(file);
}

/** What a script of the manifest runs is no test support, whoever else imports it. */
function importersOf(imports: readonly Import[], manifest: string): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (target === undefined || manifest.includes(target)) continue;
    importers.set(target, [...(importers.get(target) ?? []), file]);
  }
  return importers;
}

/** A type alone leaves nothing behind at run time, so it can't close a cycle. */
function graphOf(imports: readonly Import[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { file, target, typeOnly } of imports) {
    if (target !== undefined && !typeOnly) graph.set(file, [...(graph.get(file) ?? []), target]);
  }
  return graph;
}

function checkRoom(file: string, target: string, rules: Rules): string | undefined {
  const from = roomOf(file);
  const to = roomOf(target);
  if (WALLS.some((wall) => wall.from.test(file) && wall.to.test(target))) return `${file} may not import ${target}`;
  if (from === to) return undefined;
  const allowed = ROOMS[from];
  if (allowed === undefined) return `${from}/ is not a room of the import table in tools/imports/import-rules.ts`;
  if (allowed.includes('*') || allowed.includes(to)) return undefined;
  if (TEST_ROOMS.includes(to) && (NOT_SHIPPED.test(file) || rules.testSupport.has(file))) return undefined;
  return `${from}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}; not ${target}`;
}

function checkPackage({ file, specifier, typeOnly }: Import, rules: Rules): string | undefined {
  if (typeOnly || specifier.startsWith('node:') || neverShips(file) || rules.testSupport.has(file)) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return rules.dependencies.has(name)
    ? undefined
    : `${specifier} is not in "dependencies" and would be absent from the image`;
}

function roomOf(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The file that it names, relative to the root; undefined for a package. */
  readonly target: string | undefined;
  readonly line: number;
  readonly typeOnly: boolean;
}

/** `import … from`, `export … from`, `import '…'` and `import('…')`, as the formatter leaves them. */
const IMPORT = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function readImports(root: string, file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    return {
      file,
      specifier,
      target: specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined,
      line: source.slice(0, match.index).split('\n').length,
      typeOnly: match[1] !== undefined,
    };
  });
}

if (import.meta.main) {
  const problems = checkImports(process.cwd());
  for (const { file, line, message } of problems) console.error(`${file}:${line}: ${message}`);
  console.log(problems.length === 0 ? 'Imports follow the table; no cycles.' : `${problems.length} imports do not.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
