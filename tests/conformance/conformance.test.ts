import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { testNeeding } from '../support/needing.ts';

const runner = findGoTool('connectconformance');

testNeeding(runner === undefined && 'connectconformance is not installed: npm run conformance builds it')(
  'passes every unary case of plain gRPC over h2c',
  async () => {
    const args = [
      '--mode',
      'server',
      '--conf',
      'tests/conformance/unary.yaml',
      '--',
      process.execPath,
      'tests/conformance/server.ts',
    ];
    const { stdout, stderr } = await promisify(execFile)(runner ?? '', args, {
      cwd: new URL('../../', import.meta.url),
    });
    expect(stdout + stderr).toMatch(/116 passed, 0 failed/);
  },
);
