import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
/** Scripts that run long or take options, recognized by the folder of the script's file. */
const LONG = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /(?:^| )node (?:--\S+ )*((?:bench|tests|tools\/fuzz)\/\S+\.ts)/.exec(line)?.[1];
  return file === undefined || name === 'conformance' ? [] : [{ name, file }];
});

test('the table has the benches and the long tests', () => expect(LONG.length).toBeGreaterThan(12));

for (const { name, file } of LONG)
  test(`npm run ${name} -- --help prints help instead of running`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, '--help'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`^npm run ${name}\\b`, 'm'));
  });
