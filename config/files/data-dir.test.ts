import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { prepareDataDir } from './data-dir.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-data-dir-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('creates missing parents and accepts an existing folder', () => {
  prepareDataDir(join(dir, 'a', 'b'));
  expect(statSync(join(dir, 'a', 'b')).isDirectory()).toBe(true);
  prepareDataDir(dir);
});

const file = join(dir, 'file');
// Below /proc, Node's recursive mkdir never returns.
for (const wrong of [file, join(file, 'below'), '/dev/null', '/proc/nowhere', '/proc/no/where'])
  test(`rejects DATA_DIR=${wrong.replace(dir, '')} and names the variable`, () => {
    writeFileSync(file, '');
    expect(() => prepareDataDir(wrong)).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: expect.stringContaining('DATA_DIR must be a folder that this user can create and write to ('),
      }),
    );
  });
