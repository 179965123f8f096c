import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepDeploymentSecret, readDeploymentSecret } from './deployment-secret.ts';

const dir = mkdtempSync(join(tmpdir(), 'votewire-secret-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('the secret comes from the variable, the named file or the file in DATA_DIR, in this order', () => {
  const dataDir = join(dir, 'a');
  expect(readDeploymentSecret({}, dataDir)).toBe(undefined);
  keepDeploymentSecret(dataDir, 'secret in the data folder');
  expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
  expect(readDeploymentSecret({}, dataDir)).toBe('secret in the data folder');
  writeFileSync(join(dir, 'mounted'), 'secret in a mounted file\n');
  expect(readDeploymentSecret({ SECRET_FILE: join(dir, 'mounted') }, dataDir)).toBe('secret in a mounted file');
  expect(readDeploymentSecret({ SECRET: 'secret in a variable' }, dataDir)).toBe('secret in a variable');
});

test('does not overwrite an existing file', () => {
  const dataDir = join(dir, 'b');
  keepDeploymentSecret(dataDir, 'the first secret of all');
  keepDeploymentSecret(dataDir, 'the second secret of all');
  expect(readFileSync(join(dataDir, 'secret'), 'utf8')).toBe('the first secret of all\n');
});

test('errors for two sources, a missing file or a short secret name the variable', () => {
  const both = { SECRET: 'secret in a variable', SECRET_FILE: join(dir, 'mounted') };
  expect(() => readDeploymentSecret(both, dir)).toThrow('SECRET and SECRET_FILE are both set; unset one of them');
  expect(() => readDeploymentSecret({ SECRET_FILE: join(dir, 'none') }, dir)).toThrow(/^SECRET_FILE must be a file/);
  writeFileSync(join(dir, 'short'), 'hush\n');
  expect(() => readDeploymentSecret({ SECRET_FILE: join(dir, 'short') }, dir)).toThrow(
    /^SECRET must be at least 16 characters long$/,
  );
});
