import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { thrown } from '../tests/support/thrown.ts';
import { makeDataDir } from './data-dir.ts';

test('a DATA_DIR that cannot be a folder is rejected by name', () => {
  const dir = mkdtempSync(join(tmpdir(), 'votewire-data-dir-'));
  try {
    makeDataDir(join(dir, 'a', 'b'));
    expect(statSync(join(dir, 'a', 'b')).isDirectory()).toBeTruthy();
    makeDataDir(dir);
    const file = join(dir, 'file');
    writeFileSync(file, '');
    for (const wrong of [file, join(file, 'below')]) {
      expect(thrown(() => makeDataDir(wrong))).toSatisfy((error: Error) =>
        error.message.startsWith(`DATA_DIR=${wrong} is not allowed: it must be a folder`),
      );
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});
