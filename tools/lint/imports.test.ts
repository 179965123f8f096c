import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

test('an import that the package table does not list is an error, except in tests and test support', () => {
  const problems = lint({
    'store/tally/tally.ts': "import { start } from '../../edge/main.ts';\n\nexport const tally = start;\n",
    'store/tally/lazy.ts': "export const start = () => import('../../edge/main.ts');\n",
    'store/tally/vote.ts': "import type { Vote } from '../../proto/gen/vote_pb.ts';\n\nexport type Voted = Vote;\n",
    'store/tally/tally.test.ts': "import '../../supervisor/redis/redis-server.ts';\n",
    'store/testing/store.ts': "import '../../supervisor/redis/redis-server.ts';\n",
    'wasm/codec.ts': "export type { Config } from '../config/config.ts';\n",
    'dashboard/server/app.ts': "import './bench/reports.ts';\nimport '../../bench/report/report.ts';\n",
    'dashboard/web/src/main.ts': "import '../../server/app.ts';\n",
    'bench/run.ts': "import '../edge/main.ts';\n",
  });
  expect(problems).toStrictEqual([
    'dashboard/server/app.ts:2 noRestrictedImports',
    'dashboard/web/src/main.ts:1 noRestrictedImports',
    'store/tally/lazy.ts:1 noRestrictedImports',
    'store/tally/tally.ts:1 noRestrictedImports',
    'wasm/codec.ts:1 noRestrictedImports',
  ]);
});

test('importing a package that the image lacks is an error in files that ship', () => {
  const problems = lint({
    'edge/app.ts': "import 'fast-check';\nimport 'hono/tiny';\nimport 'node:assert';\nimport 'unknown';\n",
    'edge/app.test.ts': "import 'fast-check';\n",
    'edge/testing/votes.ts': "import 'fast-check';\n",
    'dashboard/web/src/main.ts': "import 'fast-check';\n",
    'bench/run.ts': "import 'fast-check';\n",
  });
  expect(problems).toStrictEqual(['edge/app.ts:1 noUndeclaredDependencies', 'edge/app.ts:4 noUndeclaredDependencies']);
});

test('an import cycle is an error, even if it only imports types', () => {
  const problems = lint({
    'store/a.ts': "import { b } from './b.ts';\n\nexport const a: number = b;\n",
    'store/b.ts': "import { c } from './c.ts';\n\nexport const b: number = c;\n",
    'store/c.ts': "import { a } from './a.ts';\n\nexport const c: number = a;\n",
    'wasm/a.ts': "import type { B } from './b.ts';\n\nexport type A = B | 1;\n",
    'wasm/b.ts': "import type { A } from './a.ts';\n\nexport type B = A[];\n",
    'wasm/c.ts': "import type { A } from './a.ts';\n\nexport type C = A[];\n",
  });
  expect(problems).toStrictEqual([
    'store/a.ts:1 noImportCycles',
    'store/b.ts:1 noImportCycles',
    'store/c.ts:1 noImportCycles',
    'wasm/a.ts:1 noImportCycles',
    'wasm/b.ts:1 noImportCycles',
  ]);
});

/** Runs Biome with this repository's settings over `files`; returns each error as `file:line rule`. */
function lint(files: Record<string, string>): string[] {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-lint-')));
  try {
    for (const path of ['biome.json', 'tools/lint/imports.json']) cpSync(join(ROOT, path), join(root, path));
    const manifest = { dependencies: { hono: '1' }, devDependencies: { 'fast-check': '1' } };
    writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { stdout } = spawnSync(
      process.execPath,
      [BIOME, 'lint', '--reporter=github', '--max-diagnostics=none', '.'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    return [...stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+),line=(\d+)/g)]
      .map(([, rule, file = '', line]) => `${relative(root, resolve(root, file))}:${line} ${rule}`)
      .sort();
  } finally {
    rmSync(root, { recursive: true });
  }
}
