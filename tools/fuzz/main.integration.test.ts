import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const fuzz = (...args: string[]) => promisify(execFile)(process.execPath, ['tools/fuzz/main.ts', ...args]);

test.each(['http1', 'http2'])('%s: a short run finds no failure', async (target) => {
  const { stdout } = await fuzz(target, '--minutes', '0.02', '--seed', '1');
  expect(stdout).toMatch(/rounds from seed 1, nothing found/);
});

test('the error for an unknown target lists the known ones', async () => {
  await expect(fuzz('http3')).rejects.toThrow(/The target must be one of .*http1, http2; got "http3"/);
});
