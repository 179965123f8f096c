import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

// Takes 25 s on an idle machine.
test('every hostile input gets an expected answer on every runtime, and causes no harm', async () => {
  const script = new URL('run-hostile.ts', import.meta.url).pathname;
  // Rejects with the report if the exit code is not 0.
  const { stdout } = await run(process.execPath, [script, '--quick'], { maxBuffer: 8 << 20 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const rows = stdout.trim().split('\n');
  expect(rows.filter((row) => row.startsWith('FAIL'))).toStrictEqual([]);
  expect(rows.filter((row) => row.startsWith('ok')).length).toBeGreaterThan(1500);
  expect(rows.at(-1)).toMatch(/^\d+ passed, 0 failed$/);
}, 300_000);
