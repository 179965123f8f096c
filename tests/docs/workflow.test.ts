import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { testNeeding } from '../support/needing.ts';

const ROOT = join(import.meta.dirname, '../..');
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: ROOT });
const actionlint = findGoTool('actionlint');

testNeeding(actionlint === undefined && 'actionlint is not installed')(
  'actionlint finds nothing in the workflows',
  () => {
    expect(WORKFLOWS).not.toStrictEqual([]);
    const { status, stdout } = spawnSync(actionlint ?? '', WORKFLOWS, { cwd: ROOT, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  },
);

test('workflows run existing scripts, with minimal permissions', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  for (const file of WORKFLOWS) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(text, file).toMatch(/^permissions:\n {2}contents: read$/m);
    for (const [, script] of text.matchAll(/bash (\S+)/g))
      expect(existsSync(join(ROOT, script ?? '')), script).toBe(true);
    for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g))
      expect(Object.hasOwn(scripts, script), script).toBe(true);
  }
});
