import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkImports } from './import-rules.ts';

test('this checkout follows the table', () => {
  expect(checkImports(join(import.meta.dirname, '../..'))).toStrictEqual([]);
});

test('a room that reaches where it may not is found, with its line', () => {
  const problems = check({
    'store/tally/tally.ts': "import { a } from './b.ts';\nimport { start } from '../../edge/runtime/node.ts';\n",
    'store/b.ts': "import type { Vote } from '../proto/gen/vote_pb.ts';\nexport const a = 1;\n",
    'edge/runtime/node.ts': "export {\n  a,\n} from '../store/b.ts';\n",
    'edge/node.test.ts': "import { startRedisServer } from '../supervisor/redis/redis-server.ts';\n",
    'dashboard/web/main.ts': "const server = await import('../server/app.ts');\n",
  });
  expect(problems).toStrictEqual([
    'dashboard/web/main.ts:1: dashboard/web/main.ts may not import dashboard/server/app.ts',
    'store/tally/tally.ts:2: store/ may import proto; not edge/runtime/node.ts',
  ]);
});

test('a package that the image has not is found where it would ship', () => {
  const problems = check({
    'edge/app.ts':
      "import { Hono } from 'hono/tiny';\nimport fc from 'fast-check';\nimport { ok } from 'node:assert';\n",
    'edge/app.test.ts': "import fc from 'fast-check';\n",
    'edge/votes.ts': "import { x } from './more-votes.ts';\n",
    'edge/more-votes.ts': "import fc from 'fast-check';\n",
    'edge/votes.test.ts': "import { x } from './votes.ts';\n",
    'bench/run.ts': "import fc from 'fast-check';\n",
  });
  expect(problems).toStrictEqual([
    'edge/app.ts:2: fast-check is not in "dependencies" and would be absent from the image',
  ]);
});

test('a cycle is found; one of types alone is none', () => {
  const problems = check({
    'edge/a.ts': "import { b } from './b.ts';\n",
    'edge/b.ts': "import { c } from './c.ts';\n",
    'edge/c.ts': "import { a } from './a.ts';\n",
    'store/a.ts': "import { b } from './b.ts';\n",
    'store/b.ts': "import type { A } from './a.ts';\n",
  });
  expect(problems).toStrictEqual(['edge/a.ts:1: import cycle: edge/a.ts -> edge/b.ts -> edge/c.ts -> edge/a.ts']);
});

function check(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'votewire-imports-'));
  try {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { hono: '1' } }));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return checkImports(root)
      .map(({ file, line, message }) => `${file}:${line}: ${message}`)
      .sort();
  } finally {
    rmSync(root, { recursive: true });
  }
}
