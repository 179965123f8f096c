import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { testNeeding } from '../../tests/support/needing.ts';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { Echo } from './testing/echo.ts';
import { openServer } from './testing/open-server.ts';

const run = promisify(execFile);
const h2spec = findGoTool('h2spec');

/** Delay of answers, because the test of the stream limit needs open streams. */
const ANSWER_MS = 200;

testNeeding(h2spec === undefined && 'h2spec is not installed')('passes h2spec', { timeout: 120_000 }, async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream, ANSWER_MS) });
  const { stdout } = await run(h2spec ?? '', ['-h', '127.0.0.1', '-p', `${server.port}`, '-o', '3'], {
    timeout: 110_000,
  });
  expect(stdout).toMatch(/\b145 tests, 145 passed, 0 skipped, 0 failed/);
});
