import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findGoTool } from '../../tools/test/go-tool.ts';

const runner = findGoTool('connectconformance');

test('every unary case of plain gRPC over h2c passes', {
  skip: runner === undefined ? 'connectconformance is not installed: npm run conformance builds it' : false,
}, async () => {
  const args = [
    '--mode',
    'server',
    '--conf',
    'tests/conformance/unary.yaml',
    '--',
    process.execPath,
    'tests/conformance/server.ts',
  ];
  const { stdout, stderr } = await promisify(execFile)(runner ?? '', args, { cwd: new URL('../../', import.meta.url) });
  assert.match(stdout + stderr, /116 passed, 0 failed/);
});
